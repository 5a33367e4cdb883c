import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

const platformPackage = '@framework/compiler-linux-x64-gnu';

/** A framework with a compiler for each machine, of which most of its files know nothing. */
const framework = {
  'node_modules/framework/package.json': JSON.stringify({
    name: 'framework',
    version: '1.0.0',
    main: 'server.js',
    optionalDependencies: {
      [platformPackage]: '1.0.0',
      '@framework/compiler-darwin-arm64': '1.0.0',
    },
  }),
  'node_modules/framework/headers.js': `module.exports.cookies = require('./lib/cookies').cookies;`,
  'node_modules/framework/lib/cookies.js': `exports.cookies = () => 'crumbs';`,
  'node_modules/framework/server.js': `exports.compile = () => require('./lib/compiler').load();`,
  [`node_modules/${platformPackage}/package.json`]: JSON.stringify({
    name: platformPackage,
    version: '1.0.0',
    os: ['linux'],
    cpu: ['x64'],
    main: 'compiler.js',
  }),
  [`node_modules/${platformPackage}/compiler.js`]: `exports.name = 'compiled';`,
};

/** The ways in which packages find their binaries. */
const loaders: readonly (readonly [how: string, compiler: string])[] = [
  ['its name as a literal', `exports.load = () => require('${platformPackage}').name;`],
  [
    'a name with the machine in it',
    'exports.load = () => require(`@framework/compiler-${process.platform}-x64-gnu`).name;',
  ],
  [
    'a table of names',
    dedent`
      const names = { 'linux x64': '@framework/compiler-linux-x64-gnu' };
      exports.load = () => require(require.resolve(names['linux x64'])).name;
    `,
  ],
  [
    'a path of parts',
    dedent`
      const path = require('node:path');
      exports.load = () =>
        require(path.join(__dirname, '../..', '@framework', 'compiler-' + process.platform + '-x64-gnu')).name;
    `,
  ],
  [
    'the list in its package.json',
    dedent`
      exports.load = () => {
        const { optionalDependencies } = require('../package.json');
        return require(Object.keys(optionalDependencies)[0]).name;
      };
    `,
  ],
];

describe('a platform package is included when kept code loads it by', () => {
  test.each(loaders)('%s', async (_how, compiler) => {
    await using rig = await BundleRig.create({
      ...framework,
      'node_modules/framework/lib/compiler.js': compiler,
      'functions/f.mjs': `import { compile } from 'framework';\n${answer('compile()')}`,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle)).toContain(`node_modules/${platformPackage}/compiler.js`);
    expect(await rig.call(bundle)).toBe('compiled');
  });
});

test.each(loaders)(
  'a function that reaches other files of the package brings no binaries: %s',
  async (_how, compiler) => {
    await using rig = await BundleRig.create({
      ...framework,
      'node_modules/framework/lib/compiler.js': compiler,
      'functions/f.ts': `import { cookies } from 'framework/headers';\n${answer('cookies()')}`,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.ts'));
    expect(pathsOf(bundle).filter((file) => file.startsWith('node_modules'))).toEqual([]);
    expect(await rig.call(bundle)).toBe('crumbs');
  },
);

test('a package that stays a directory for another reason brings no binaries either', async () => {
  await using rig = await BundleRig.create({
    ...framework,
    'node_modules/framework/lib/compiler.js': loaders[0]?.[1] ?? '',
    'node_modules/framework/lib/cookies.js': dedent`
      const { readFileSync } = require('node:fs');
      exports.cookies = () => readFileSync(__dirname + '/jar.txt', 'utf8');
    `,
    'node_modules/framework/lib/jar.txt': 'crumbs',
    'functions/f.mjs': `import { cookies } from 'framework/headers.js';\n${answer('cookies()')}`,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
  expect(pathsOf(bundle)).toContain('node_modules/framework/lib/jar.txt');
  expect(pathsOf(bundle).filter((file) => file.includes(platformPackage))).toEqual([]);
  expect(await rig.call(bundle)).toBe('crumbs');
});

test('the library of a platform package comes with it', async () => {
  await using rig = await BundleRig.create({
    ...framework,
    'node_modules/framework/lib/compiler.js': loaders[0]?.[1] ?? '',
    [`node_modules/${platformPackage}/package.json`]: JSON.stringify({
      name: platformPackage,
      version: '1.0.0',
      os: ['linux'],
      main: 'compiler.js',
      optionalDependencies: { '@framework/library-linux': '1.0.0' },
    }),
    'node_modules/@framework/library-linux/package.json': JSON.stringify({
      name: '@framework/library-linux',
      version: '1.0.0',
      os: ['linux'],
    }),
    'node_modules/@framework/library-linux/lib/data.bin': 'data',
    'functions/f.mjs': `import { compile } from 'framework';\n${answer('compile()')}`,
  });
  expect(pathsOf(bundleOf(await rig.bundle('functions/f.mjs')))).toContain(
    'node_modules/@framework/library-linux/lib/data.bin',
  );
});
