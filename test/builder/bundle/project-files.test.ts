import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, filesOf, pathsOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

/** Ways in which a package names a path that may lead out of its own directory. */
const escapes: Readonly<Record<string, string>> = {
  'a computed relative path': `exports.load = (x) => require(path.relative(__dirname, x));`,
  'a computed path to its neighbours': `exports.load = (x) => require(path.join(__dirname, '..', x));`,
  'a computed path to the project': `exports.load = (x) => require(path.join(__dirname, '../..', x));`,
  'a list of the project': `exports.load = () => fs.readdirSync(path.join(__dirname, '..', '..'));`,
  'a list of its neighbours': `exports.load = () => fs.readdirSync(path.join(__dirname, '..'));`,
  'a list of the working directory': `exports.load = () => fs.readdirSync(process.cwd());`,
  'any file of the working directory': `exports.load = (x) => fs.readFileSync(path.resolve(x));`,
  'any file of a directory of the project': `exports.load = (x) => fs.readFileSync(process.cwd() + '/private/' + x);`,
  'any module of a directory of the project': `exports.load = (x) => require(process.cwd() + '/private/' + x);`,
  'a file of the working directory': `exports.load = () => fs.readFileSync(path.join(process.cwd(), 'private/key.pem'));`,
  'a file above itself': `exports.load = () => fs.readFileSync(path.join(__dirname, '../../private/key.pem'));`,
  'a module of the project': `exports.load = () => require('../../index.js');`,
  'a module without extension, as an asset': `exports.load = () => fs.existsSync(path.join(__dirname, '../../private/load'));`,
};

const secrets = {
  'private/key.pem': 'secret',
  'private/load': `require('./load.js');`,
  'private/load.js': `require('fs').readFileSync(__dirname + '/key.pem'); require('neighbour');`,
  '.env': 'KEY=secret',
  '.git/config': 'secret',
  'secrets/x': 'secret',
  'index.js': '"secret";',
};

/** A package with one module for each escape, which stays a directory for its data file. */
const wanderer = {
  'node_modules/wanderer/package.json': '{"name":"wanderer","main":"index.js"}',
  'node_modules/wanderer/data.txt': 'data',
  'node_modules/neighbour/package.json': '{"name":"neighbour","main":"index.js"}',
  'node_modules/neighbour/index.js': '',
};

function wandererModule(escape: string): string {
  return dedent`
    const fs = require('fs');
    const path = require('path');
    exports.data = fs.readFileSync(__dirname + '/data.txt', 'utf8');
    ${escape}
  `;
}

const ownPaths = [
  '___netlify-entry-point.mjs',
  'bgfn-adapter.mjs',
  'f.mjs',
  'node_modules/wanderer/data.txt',
  'node_modules/wanderer/index.js',
  'node_modules/wanderer/package.json',
];

describe('nothing of the project comes along with a package that names', () => {
  test.each(Object.entries(escapes))('%s', async (_, escape) => {
    await using rig = await BundleRig.create({
      ...secrets,
      ...wanderer,
      'package.json': '{"name":"site","dependencies":{"wanderer":"1"}}',
      'node_modules/wanderer/index.js': wandererModule(escape),
      'functions/f.mts': `import { data } from 'wanderer';\n${answer('data')}`,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mts'));
    expect(pathsOf(bundle)).toEqual(ownPaths);
    expect(await rig.call(bundle)).toBe('data');
  });

  test('each of these, in a project below a directory named node_modules', async () => {
    const modules = Object.values(escapes).map((escape, index) => [
      `node_modules/outer/node_modules/wanderer/${index}.js`,
      wandererModule(escape),
    ]);
    const below = (files: object): Record<string, string> =>
      Object.fromEntries(
        Object.entries(files).map(([file, text]) => [`node_modules/outer/${file}`, text]),
      );
    await using rig = await BundleRig.create({
      ...below(secrets),
      ...below(wanderer),
      ...Object.fromEntries(modules),
      'node_modules/outer/package.json': '{"name":"outer","dependencies":{"wanderer":"1"}}',
      'node_modules/outer/node_modules/wanderer/index.js': dedent`
        exports.data = require('fs').readFileSync(__dirname + '/data.txt', 'utf8');
        ${modules.map((_, index) => `require('./${index}.js');`).join('\n')}
      `,
      'node_modules/outer/functions/f.mts': `import { data } from 'wanderer';\n${answer('data')}`,
    });
    const projectDirectory = `${rig.project}/node_modules/outer`;
    const outcome = await rig.bundle(
      'node_modules/outer/functions/f.mts',
      {},
      { projectDirectory },
    );
    expect(outcome.ok ? filesOf(outcome.value).filter(isSecret) : outcome.diagnostics).toEqual([]);
  });
});

function isSecret({ path: file }: { readonly path: string }): boolean {
  return Object.keys(secrets).some((secret) => file.endsWith(secret) && !file.endsWith('index.js'));
}

describe('of a package of the workspace, the artifact has', () => {
  const workspace = {
    ...secrets,
    'package.json': '{"name":"site","workspaces":["packages/*"],"dependencies":{"host":"1"}}',
    'packages/plugin/package.json':
      '{"name":"plugin","main":"index.js","files":["templates/","index.js"]}',
    'packages/plugin/index.js': dedent`
      const fs = require('fs');
      module.exports = fs.readFileSync(require('path').join(__dirname, 'plugin.txt'), 'utf8');
    `,
    'packages/plugin/plugin.txt': 'plugged',
    'packages/plugin/templates/a.txt': 'a template',
    'packages/plugin/key.pem': 'secret',
    'packages/plugin/.env': 'secret',
    'node_modules/host/package.json':
      '{"name":"host","main":"index.js","peerDependenciesMeta":{"plugin":{"optional":true}}}',
    'node_modules/host/index.js': dedent`
      const fs = require('fs');
      exports.data = fs.readFileSync(__dirname + '/data.txt', 'utf8');
      exports.plugin = (name) => require(name);
    `,
    'node_modules/host/data.txt': 'data',
  };
  const links = { 'node_modules/plugin': '../packages/plugin' };

  test('what its modules name, when an installed package loads it by name', async () => {
    await using rig = await BundleRig.create(
      {
        ...workspace,
        'functions/f.mts': dedent`
          import { plugin } from 'host';
          ${answer(`plugin('plugin')`)}
        `,
      },
      links,
    );
    const bundle = bundleOf(await rig.bundle('functions/f.mts'));
    expect(pathsOf(bundle).filter((file) => file.includes('plugin'))).toEqual([
      'node_modules/plugin/index.js',
      'node_modules/plugin/package.json',
      'node_modules/plugin/plugin.txt',
    ]);
    expect(await rig.call(bundle)).toBe('plugged');
  });

  test('the files that it publishes, when a function asks for its location', async () => {
    await using rig = await BundleRig.create(
      {
        ...workspace,
        'functions/f.mts': dedent`
          import { readFileSync } from 'node:fs';
          import { createRequire } from 'node:module';
          import path from 'node:path';
          const require = createRequire(import.meta.url);
          const directory = path.dirname(require.resolve('plugin/package.json'));
          ${answer(`readFileSync(path.join(directory, 'templates', 'a.txt'))`)}
        `,
      },
      links,
    );
    const bundle = bundleOf(await rig.bundle('functions/f.mts'));
    expect(pathsOf(bundle).filter((file) => file.includes('plugin'))).toEqual([
      'node_modules/plugin/index.js',
      'node_modules/plugin/package.json',
      'node_modules/plugin/templates/a.txt',
    ]);
    expect(await rig.call(bundle)).toBe('a template');
  });
});
