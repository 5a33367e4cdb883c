/**
 * Cold build of functions on packages with machine code, four on each package, by bgfn and by ZISI:
 * time and bytes. The functions of one package keep the same files. Needs `dist` (npm run build).
 *
 * `node bench/native.ts [--rounds 3] [--smoke]`
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bgfnBuildCommand, outputOf, peer } from './lib/bgfn.ts';
import { alternate, type Contender, resultOf } from './lib/measure.ts';
import { installNative, prepareProject } from './lib/project.ts';
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
    rounds: { type: 'string', default: '3' },
    smoke: { type: 'boolean', default: false },
  },
});
const rounds = values.smoke ? 1 : Number(values.rounds);

/** Package → code of a function `use` on it. */
const uses: Readonly<Record<string, string>> = {
  sharp: `import sharp from 'sharp';\nconst use = () => sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).png().toBuffer();`,
  canvas: `import { createCanvas } from '@napi-rs/canvas';\nconst use = () => createCanvas(8, 8).toBuffer('image/png');`,
  resvg: `import { Resvg } from '@resvg/resvg-js';\nconst use = () => new Resvg('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>').render().asPng();`,
  lightningcss: `import { transform } from 'lightningcss';\nconst use = () => transform({ filename: 'a.css', code: Buffer.from('a { color: red }'), minify: true }).code;`,
  'argon2-rs': `import { hash } from '@node-rs/argon2';\nconst use = () => hash('x');`,
  'bcrypt-rs': `import { hash } from '@node-rs/bcrypt';\nconst use = () => hash('x', 4);`,
  swc: `import { transform } from '@swc/core';\nconst use = () => transform('let a = 1');`,
  duckdb: `import { DuckDBInstance } from '@duckdb/node-api';\nconst use = () => DuckDBInstance.create(':memory:');`,
  lmdb: `import { open } from 'lmdb';\nconst use = () => typeof open;`,
  argon2: `import argon2 from 'argon2';\nconst use = () => argon2.hash('x');`,
  bcrypt: `import bcrypt from 'bcrypt';\nconst use = () => bcrypt.hash('x', 4);`,
  watcher: `import watcher from '@parcel/watcher';\nconst use = () => typeof watcher.subscribe;`,
  oxc: `import { parseSync } from 'oxc-parser';\nconst use = () => parseSync('a.js', 'let a').program;`,
  oxide: `import { Scanner } from '@tailwindcss/oxide';\nconst use = () => typeof Scanner;`,
  snappy: `import { compress } from 'snappy';\nconst use = () => compress('x');`,
};

// ZISI is installed beside the packages of the sample site.
const { directory: peers } = await prepareProject();
const site = await installNative();
const functions = path.join(site, 'netlify', 'functions');
await rm(functions, { recursive: true, force: true });
await mkdir(functions, { recursive: true });
const names = Object.entries(uses).flatMap(([name, use]) =>
  ['one', 'two', 'three', 'four'].map((part) => ({
    name: `${name}-${part}-background`,
    part,
    use,
  })),
);
for (const { name, part, use } of names) {
  const handler = `export default async () => new Response('${part} ' + String(await use()));`;
  await writeFile(path.join(functions, `${name}.mts`), `${use}\n${handler}\n`);
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
    contender('zisi', [peer('zisi.ts'), site, functions, outputOf('zisi'), peers]),
  ],
  rounds,
);
const bgfn = resultOf(measured, 'bgfn');
console.log(`${names.length} functions; ${machineLine()}, ${loadLine()}\n`);
console.log(
  markdownTable(
    ['', 'cold build, median', 'bgfn takes', 'peak memory', 'zips'],
    measured.map(({ name, medianMs, peakMb }) => [
      name,
      seconds(medianMs),
      times(bgfn.medianMs / medianMs),
      peakMb === undefined ? '' : `${Math.round(peakMb)} MB`,
      megabytes(zipBytes(outputOf(name))),
    ]),
  ),
);
