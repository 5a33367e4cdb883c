import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import dedent from 'dedent';
import { expect, test } from 'vitest';
import { readManifest } from '../../../src/manifest/read.ts';
import type { ManifestFunction } from '../../../src/manifest/schema.ts';
import { temporaryProject, type TemporaryProject } from '../support/temporary-project.ts';

const run = promisify(execFile);
const repository = path.resolve(import.meta.dirname, '../../..');
const source = path.join(repository, 'src/cli/bgfn-build.ts');

/**
 * A function with packages that stay directories (one of them in two versions), an executable, a
 * worker and files of its own.
 */
const site = {
  'netlify/functions/hybrid-background.mts': dedent`
    import { readFileSync } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    import reader from 'reader';
    import plain from 'plain';
    export const text = readFileSync(new URL('../../data/text.txt', import.meta.url), 'utf8');
    export default async () => {
      new Worker(new URL('../../lib/worker.cjs', import.meta.url));
      console.log(reader, plain, text);
    };
  `,
  'lib/worker.cjs': dedent`
    const path = require('node:path');
    module.exports = path.join(__dirname, 'x');
  `,
  'data/text.txt': 'text',
  'node_modules/reader/package.json':
    '{"name":"reader","version":"1.0.0","main":"index.js","dependencies":{"plain":"1"}}',
  'node_modules/reader/index.js': dedent`
    const fs = require('node:fs');
    const path = require('node:path');
    require('plain');
    module.exports = fs.readFileSync(path.join(__dirname, 'data.txt'), 'utf8');
  `,
  'node_modules/reader/data.txt': 'data',
  'node_modules/reader/bin/tool': dedent`
    #!/bin/sh
    echo hi
  `,
  'node_modules/reader/node_modules/plain/package.json':
    '{"name":"plain","version":"1.0.0","main":"index.js"}',
  'node_modules/reader/node_modules/plain/index.js': 'module.exports = 1;',
  'node_modules/plain/package.json': '{"name":"plain","version":"2.0.0","main":"index.js"}',
  'node_modules/plain/index.js': 'module.exports = 2;',
};

interface Circumstances {
  readonly node?: string;
  readonly command?: string;
  readonly timeZone: string;
  readonly umask: string;
  readonly flags?: readonly string[];
}

async function buildIn(
  project: TemporaryProject,
  place: string,
  { node = process.execPath, command = source, timeZone, umask, flags = [] }: Circumstances,
): Promise<readonly ManifestFunction[]> {
  const cwd = project.path(place);
  await run(
    'sh',
    ['-c', `umask ${umask}; exec "$@"`, 'sh', node, command, '--no-cache', ...flags],
    { cwd, env: { ...process.env, TZ: timeZone } },
  );
  const { functions } = await readManifest(`${cwd}/.netlify/functions`);
  return functions;
}

/**
 * Creates two copies of the site in directories of different depth; the files of the second are
 * written in the opposite order.
 */
function twoCheckouts(): Promise<TemporaryProject> {
  const entries = Object.entries(site);
  return temporaryProject({
    ...Object.fromEntries(entries.map(([file, text]) => [`one/${file}`, text])),
    ...Object.fromEntries(
      entries.toReversed().map(([file, text]) => [`a/deeper/checkout/${file}`, text]),
    ),
  });
}

test.each([[[]], [['--sourcemap']], [['--minify']]])(
  'an artifact with packages beside its bundle has the same bytes in another directory, time zone, umask and order of files; flags %j',
  async (flags) => {
    await using project = await twoCheckouts();
    const one = await buildIn(project, 'one', { timeZone: 'UTC', umask: '022', flags });
    const other = await buildIn(project, 'a/deeper/checkout', {
      timeZone: 'Asia/Tokyo',
      umask: '077',
      flags,
    });
    expect(one).toEqual(other);
    expect(one[0]?.artifact.size).toBeGreaterThan(0);
  },
);

/** Compiles bgfn as it is published, because Node 22 cannot run all of the TypeScript sources. */
async function compileTo(directory: string): Promise<string> {
  await run(
    process.execPath,
    [
      `${repository}/node_modules/typescript/bin/tsc`,
      '-p',
      'tsconfig.build.json',
      '--outDir',
      `${directory}/dist`,
    ],
    { cwd: repository },
  );
  await cp(`${repository}/package.json`, `${directory}/package.json`);
  await symlink(`${repository}/node_modules`, `${directory}/node_modules`);
  return `${directory}/dist/cli/bgfn-build.js`;
}

/** Path of an executable of Node 22, from `npm install --prefix <directory> node@22`. */
const node22 = process.env['BGFN_NODE22'] ?? '';

test.skipIf(!existsSync(node22))(
  'an artifact has the same content when Node 22 builds it (skipped without BGFN_NODE22)',
  async () => {
    await using project = await twoCheckouts();
    await using compiled = await temporaryProject();
    const command = await compileTo(compiled.directory);
    const one = await buildIn(project, 'one', { timeZone: 'UTC', umask: '022', command });
    const other = await buildIn(project, 'a/deeper/checkout', {
      command,
      node: node22,
      timeZone: 'America/Lima',
      umask: '002',
    });
    expect(one.map(({ artifact }) => artifact.contentDigest)).toEqual(
      other.map(({ artifact }) => artifact.contentDigest),
    );
  },
);
