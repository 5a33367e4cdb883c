/**
 * Cold build of functions that all import one package with more than a hundred megabytes of code,
 * by bgfn, by ZISI, and by esbuild alone in one call over all entries. Needs `dist` (npm run
 * build).
 *
 * `node bench/large-sdk.ts [--rounds 3] [--functions 7] [--smoke]`
 *
 * For the figures of a small container, run it in one: `systemd-run --scope -p MemoryMax=2G node
 * bench/large-sdk.ts`.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bgfnBuildCommand, outputOf, peer } from './lib/bgfn.ts';
import { alternate, type Contender, resultOf } from './lib/measure.ts';
import { installSdk, prepareProject } from './lib/project.ts';
import { loadLine, machineLine, markdownTable, seconds, times } from './lib/report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    functions: { type: 'string', default: '7' },
    smoke: { type: 'boolean', default: false },
  },
});
const rounds = values.smoke ? 1 : Number(values.rounds);
const count = values.smoke ? 2 : Number(values.functions);

// ZISI is installed beside the packages of the sample site.
const { directory: peers } = await prepareProject();
const site = await installSdk();
const functions = path.join(site, 'netlify', 'functions');
await rm(functions, { recursive: true, force: true });
await mkdir(functions, { recursive: true });
const apis = ['drive', 'sheets', 'calendar', 'gmail', 'docs', 'youtube', 'people'];
for (let index = 0; index < count; index += 1) {
  const source = [
    `import { google } from 'googleapis';`,
    `export default async () => new Response(typeof google.${apis[index % apis.length]});`,
    '',
  ];
  await writeFile(path.join(functions, `sdk-${index}-background.mts`), source.join('\n'));
}

function contender(name: string, args: readonly string[]): Contender {
  return {
    name,
    command: [process.execPath, ...args],
    cwd: site,
    before: () => rm(outputOf(name), { recursive: true, force: true }),
  };
}

const measured = await alternate(
  [
    contender('bgfn', [bgfnBuildCommand(), '--no-cache', '--quiet', '--out', outputOf('bgfn')]),
    contender('esbuild', [peer('esbuild-once.ts'), functions, outputOf('esbuild')]),
    ...(values.smoke
      ? []
      : [contender('zisi', [peer('zisi.ts'), site, functions, outputOf('zisi'), peers])]),
  ],
  rounds,
);
const bgfn = resultOf(measured, 'bgfn');
console.log(`${count} functions; ${machineLine()}, ${loadLine()}\n`);
console.log(
  markdownTable(
    ['', 'cold build, median', 'bgfn takes', 'peak memory'],
    measured.map(({ name, medianMs, peakMb }) => [
      name,
      seconds(medianMs),
      times(bgfn.medianMs / medianMs),
      peakMb === undefined ? '' : `${Math.round(peakMb)} MB`,
    ]),
  ),
);
