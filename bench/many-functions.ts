/**
 * Cold builds of 125, 250 and 500 functions: shows whether time grows in proportion, and the peak
 * of memory (all processes of the build together). Needs `dist` (npm run build).
 *
 * `node bench/many-functions.ts [--rounds 2]`
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bgfnBuildCommand } from './lib/bgfn.ts';
import { alternate, type Contender } from './lib/measure.ts';
import { prepareProject } from './lib/project.ts';
import { machineLine, markdownTable, seconds } from './lib/report.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '2' } } });

/** Imports that the generated functions have in turn. */
const imports = [
  `import { z } from 'zod';\nconst use = () => z.object({ n: z.number() }).parse({ n: 1 });`,
  `import { nanoid } from 'nanoid';\nconst use = () => nanoid();`,
  `import { format } from 'date-fns';\nconst use = () => format(0, 'yyyy');`,
  `import { stringify } from 'csv-stringify/sync';\nconst use = () => stringify([[1, 2]]);`,
  `import { marked } from 'marked';\nconst use = () => marked.parse('# Hi');`,
] as const;

const { directory } = await prepareProject();

async function generate(count: number): Promise<string> {
  // Inside the site, so that the functions find its packages.
  const functions = path.join(directory, `many-${count}`);
  await rm(functions, { recursive: true, force: true });
  await mkdir(functions, { recursive: true });
  for (let index = 0; index < count; index += 1) {
    const suffix = index % 2 === 0 ? '-background' : '';
    const source = `${imports[index % imports.length]}\nexport default async () => new Response(String(await use()) + ${index});\n`;
    await writeFile(path.join(functions, `fn-${index}${suffix}.mts`), source);
  }
  return functions;
}

const counts = [125, 250, 500];
const contenders: Contender[] = [];
for (const count of counts) {
  const functions = await generate(count);
  const output = `${functions}-out`;
  contenders.push({
    name: String(count),
    command: [
      process.execPath,
      bgfnBuildCommand(),
      functions,
      '--no-cache',
      '--quiet',
      '--out',
      output,
    ],
    cwd: directory,
    before: () => rm(output, { recursive: true, force: true }),
  });
}

const measured = await alternate(contenders, Number(values.rounds));
console.log(`${machineLine()}\n`);
console.log(
  markdownTable(
    ['functions', 'cold build, median', 'each', 'peak memory'],
    measured.map(({ name, medianMs, peakMb }) => [
      name,
      seconds(medianMs),
      `${(medianMs / Number(name)).toFixed(1)} ms`,
      peakMb === undefined ? '' : `${Math.round(peakMb)} MB`,
    ]),
  ),
);
for (const count of counts) {
  await rm(path.join(directory, `many-${count}`), { recursive: true, force: true });
  await rm(path.join(directory, `many-${count}-out`), { recursive: true, force: true });
}
