import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

const registry = dedent`
  const jobs = [];
  export const register = (name) => jobs.push(name);
  export const list = () => jobs.toSorted().join();
`;
const registryInCommonJs = dedent`
  const jobs = [];
  exports.register = (name) => jobs.push(name);
  exports.list = () => jobs.toSorted().join();
`;

/** A package that loads what it is given, as an autoloader does. */
const loader = {
  'node_modules/loader/package.json': '{"name":"loader","version":"1.0.0","main":"index.js"}',
  'node_modules/loader/index.js': dedent`
    const fs = require('fs');
    const path = require('path');
    exports.load = async (dir) => {
      for (const name of fs.readdirSync(dir)) await import(path.resolve(dir, name));
    };
    exports.requireAll = (dir) => {
      for (const name of fs.readdirSync(dir)) require(path.resolve(dir, name));
    };
  `,
};

const jobs = {
  'jobs/a.mjs': `import { register } from '../lib/registry.mjs'; register('a');`,
  'jobs/b.mjs': `import { register } from '../lib/registry.mjs'; register('b');`,
  'lib/registry.mjs': registry,
};
const jobsInCommonJs = {
  'jobs/a.cjs': `require('../lib/registry.cjs').register('a');`,
  'jobs/b.cjs': `require('../lib/registry.cjs').register('b');`,
  'lib/registry.cjs': registryInCommonJs,
};

describe('modules register themselves with the one registry of the function', () => {
  test.each<[what: string, files: Record<string, string>]>([
    [
      'when the function imports every file of a directory',
      {
        ...jobs,
        'functions/f.mjs': dedent`
          import { readdirSync } from 'node:fs';
          import path from 'node:path';
          import { fileURLToPath, pathToFileURL } from 'node:url';
          import { list } from '../lib/registry.mjs';
          const here = path.dirname(fileURLToPath(import.meta.url));
          const dir = path.join(here, '..', 'jobs');
          const run = async () => {
            for (const file of readdirSync(dir)) await import(pathToFileURL(path.join(dir, file)).href);
            return list();
          };
          ${answer('await run()')}
        `,
      },
    ],
    [
      'when the directory is relative to the working directory',
      {
        ...jobs,
        'functions/f.mjs': dedent`
          import fs from 'node:fs/promises';
          import path from 'node:path';
          import { list } from '../lib/registry.mjs';
          const run = async () => {
            for (const file of await fs.readdir('jobs')) await import(path.resolve('jobs', file));
            return list();
          };
          ${answer('await run()')}
        `,
      },
    ],
    [
      'when a package loads the directory',
      {
        ...jobs,
        ...loader,
        'functions/f.mjs': dedent`
          import { load } from 'loader';
          import { list } from '../lib/registry.mjs';
          ${answer(`(await load('./jobs'), list())`)}
        `,
      },
    ],
    [
      'when a package requires a directory of CommonJS',
      {
        ...jobsInCommonJs,
        ...loader,
        'functions/f.mjs': dedent`
          import path from 'node:path';
          import { requireAll } from 'loader';
          import registry from '../lib/registry.cjs';
          ${answer(`(requireAll(path.join(import.meta.dirname, '../jobs')), registry.list())`)}
        `,
      },
    ],
    [
      'when they are required through createRequire',
      {
        ...jobsInCommonJs,
        'functions/f.mjs': dedent`
          import { createRequire } from 'node:module';
          const load = createRequire(import.meta.url);
          load('../jobs/a.cjs');
          load('../jobs/b.cjs');
          const { list } = load('../lib/registry.cjs');
          ${answer('list()')}
        `,
      },
    ],
    [
      'when CommonJS requires every file of a directory',
      {
        ...jobsInCommonJs,
        'functions/f.mjs': dedent`
          import { run } from '../lib/run.cjs';
          ${answer('run()')}
        `,
        'lib/run.cjs': dedent`
          const fs = require('fs');
          const path = require('path');
          const dir = path.resolve(__dirname, '../jobs');
          exports.run = () => {
            fs.readdirSync(dir).forEach((file) => require(path.join(dir, file)));
            return require('./registry.cjs').list();
          };
        `,
      },
    ],
  ])('%s', async (_what, files) => {
    await using rig = await BundleRig.create(files);
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toBe('a,b');
  });
});
