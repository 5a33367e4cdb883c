/**
 * Builds again with no change and with one changed function, compared with ZISI, which has no cache
 * and builds everything each time. Whole processes in turn. Needs `dist` (npm run build).
 *
 * `node bench/rebuild.ts [--rounds 6]`
 */
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bgfnBuildCommand, outputOf, peer } from './lib/bgfn.ts';
import { alternate, type Contender, resultOf } from './lib/measure.ts';
import { prepareProject } from './lib/project.ts';
import { machineLine, markdownTable, seconds, times } from './lib/report.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '6' } } });
const rounds = Number(values.rounds);

const project = await prepareProject();
const changedFile = path.join(project.functionsDirectory, 'order-email-background.mts');
let edits = 0;

const bgfn = [
  process.execPath,
  bgfnBuildCommand(),
  '--quiet',
  '--out',
  outputOf('bgfn-cached'),
] as const;
const contenders: readonly Contender[] = [
  { name: 'bgfn, nothing changed', command: bgfn, cwd: project.directory },
  {
    name: 'bgfn, one changed',
    command: bgfn,
    cwd: project.directory,
    before: () => appendFile(changedFile, `console.debug(${(edits += 1)});\n`),
  },
  {
    name: 'zisi',
    command: [
      process.execPath,
      peer('zisi.ts'),
      project.directory,
      project.functionsDirectory,
      outputOf('zisi'),
    ],
    cwd: project.directory,
  },
];

// Fills the cache; this build is not measured.
await alternate(contenders.slice(0, 1), 1);
const measured = await alternate(contenders, rounds);
const zisi = resultOf(measured, 'zisi');
console.log(`${project.functionCount} functions, ${rounds} rounds; ${machineLine()}\n`);
console.log(
  markdownTable(
    ['', 'median', 'faster than ZISI'],
    measured.map(({ name, medianMs }) => [
      name,
      seconds(medianMs),
      name === 'zisi' ? '' : times(zisi.medianMs / medianMs),
    ]),
  ),
);
