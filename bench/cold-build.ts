/**
 * Cold build of the sample site with further functions on popular packages: bgfn, ZISI and the floor (esbuild and deflate alone), whole
 * processes in turn, medians and their ratios. Needs `dist` (npm run build).
 *
 *   node bench/cold-build.ts [--rounds 6] [--smoke]
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { alternate, type Contender, type Measured } from './lib/measure.ts';
import { prepareProject, repository, scratchDirectory } from './lib/project.ts';
import { machineLine, markdownTable, megabytes, seconds, times, zipBytes } from './lib/report.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '6' }, smoke: { type: 'boolean', default: false } } });
const rounds = values.smoke ? 1 : Number(values.rounds);

const command = path.join(repository, 'dist', 'cli', 'bgfn-build.js');
if (!existsSync(command)) throw new Error('There is no dist: run npm run build first.');

const project = await prepareProject();
const output = (name: string): string => path.join(scratchDirectory, 'out', name);

function contender(name: string, args: readonly string[]): Contender {
  return { name, command: [process.execPath, ...args], cwd: project.directory, before: () => rm(output(name), { recursive: true, force: true }) };
}

const peer = (file: string): string => path.join(import.meta.dirname, 'peers', file);
const measured = await alternate(
  [
    contender('bgfn', [command, '--no-cache', '--quiet', '--out', output('bgfn')]),
    contender('zisi', [peer('zisi.ts'), project.directory, project.functionsDirectory, output('zisi')]),
    contender('floor', [peer('floor.ts'), project.functionsDirectory, output('floor')]),
  ],
  rounds,
);

/** The one function of the site with a native package; its size says more about libvips than about the build. */
const pureJavaScript = (name: string): boolean => name !== 'product-image-background';

const bgfn = result('bgfn');
console.log(`${project.functionCount} functions, ${rounds} round${rounds === 1 ? '' : 's'}; ${machineLine()}\n`);
console.log(
  markdownTable(
    ['', 'cold build, median', 'bgfn takes', 'peak memory', 'zips', 'zips without sharp'],
    measured.map(({ name, medianMs, peakMb }) => [
      name,
      seconds(medianMs),
      times(bgfn.medianMs / medianMs),
      peakMb === undefined ? '' : `${Math.round(peakMb)} MB`,
      megabytes(zipBytes(output(name))),
      megabytes(zipBytes(output(name), pureJavaScript)),
    ]),
  ),
);
console.log(`\nbgfn is ${times(result('zisi').medianMs / bgfn.medianMs)} as fast as ZISI.`);

function result(name: string): Measured {
  const found = measured.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`${name} was not measured`);
  return found;
}
