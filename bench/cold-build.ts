/**
 * Cold build of the sample site with further functions on popular packages: bgfn, ZISI and the
 * floor (esbuild and deflate alone), whole processes in turn, medians and their ratios. Needs
 * `dist` (npm run build).
 *
 * `node bench/cold-build.ts [--rounds 6] [--pure] [--smoke]`
 *
 * `--pure` leaves out the functions with packages that stay directories. The floor does not copy
 * packages, so only with `--pure` do all contenders do the same work.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bgfnBuildCommand, outputOf, peer } from './lib/bgfn.ts';
import { alternate, type Contender, resultOf } from './lib/measure.ts';
import { prepareProject } from './lib/project.ts';
import {
  loadLine,
  machineLine,
  markdownTable,
  megabytes,
  seconds,
  times,
  zipBytes,
} from './lib/report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    pure: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
});
const rounds = values.smoke ? 1 : Number(values.rounds);

const project = await prepareProject();
const hybrid = [
  'cart-cache-background.ts',
  'invoice-pdf-background.ts',
  'product-image-background.mts',
];
if (values.pure) for (const file of hybrid) await rm(path.join(project.functionsDirectory, file));
const functionCount = project.functionCount - (values.pure ? hybrid.length : 0);

function contender(name: string, args: readonly string[]): Contender {
  return {
    name,
    command: [process.execPath, ...args],
    cwd: project.directory,
    before: () => rm(outputOf(name), { recursive: true, force: true }),
  };
}

const measured = await alternate(
  [
    contender('bgfn', [bgfnBuildCommand(), '--no-cache', '--quiet', '--out', outputOf('bgfn')]),
    contender('zisi', [
      peer('zisi.ts'),
      project.directory,
      project.functionsDirectory,
      outputOf('zisi'),
    ]),
    contender('floor', [peer('floor.ts'), project.functionsDirectory, outputOf('floor')]),
  ],
  rounds,
);

/**
 * Leaves out the one function of the site with a native package, whose size depends on libvips more
 * than on the build.
 */
const pureJavaScript = (name: string): boolean => name !== 'product-image-background';

const bgfn = resultOf(measured, 'bgfn');
console.log(
  `${functionCount} functions, ${rounds} round${rounds === 1 ? '' : 's'}; ${machineLine()}, ${loadLine()}\n`,
);
console.log(
  markdownTable(
    ['', 'cold build, median', 'bgfn takes', 'peak memory', 'zips', 'zips without sharp'],
    measured.map(({ name, medianMs, peakMb }) => [
      name,
      seconds(medianMs),
      times(bgfn.medianMs / medianMs),
      peakMb === undefined ? '' : `${Math.round(peakMb)} MB`,
      megabytes(zipBytes(outputOf(name))),
      megabytes(zipBytes(outputOf(name), pureJavaScript)),
    ]),
  ),
);
console.log(
  `\nbgfn is ${times(resultOf(measured, 'zisi').medianMs / bgfn.medianMs)} as fast as ZISI.`,
);
