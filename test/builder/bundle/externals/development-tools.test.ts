import { expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

/** The head of a shared object for Linux on x64. */
const machineCode = Buffer.alloc(64);
machineCode.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
machineCode[18] = 0x3e;

const project = {
  'package.json': JSON.stringify({ devDependencies: { bundler: '1', plugin: '1' } }),
  // A development server with a compiler in machine code, and a plugin of it in JavaScript.
  'node_modules/bundler/package.json': JSON.stringify({ name: 'bundler', version: '1.0.0' }),
  'node_modules/bundler/index.js': `exports.name = 'bundler'; exports.compile = () => require('./compiler.node');`,
  'node_modules/bundler/compiler.node': machineCode,
  'node_modules/plugin/package.json': JSON.stringify({ name: 'plugin', version: '1.0.0' }),
  'node_modules/plugin/index.js': `exports.name = 'plugin';`,
  'node_modules/settings/package.json': JSON.stringify({ name: 'settings', version: '1.0.0' }),
  'node_modules/settings/index.js': `exports.name = 'settings';`,
  'server/development.ts': [
    `import bundler from 'bundler';`,
    `import plugin from 'plugin';`,
    `export const start = () => bundler.name + plugin.name;`,
  ].join('\n'),
};

const isOfTools = (file: string): boolean => /bundler|plugin/.test(file);

test('a development server behind a condition is left out, and the build says so', async () => {
  await using rig = await BundleRig.create({
    ...project,
    'functions/f.ts': [
      `if (process.env.NODE_ENV === 'development') {`,
      `  const { start } = await import('../server/development');`,
      `  start();`,
      `}`,
      answer(`'production'`),
    ].join('\n'),
  });
  const bundle = bundleOf(await rig.bundle('functions/f.ts'));
  expect(pathsOf(bundle).filter(isOfTools)).toEqual([]);
  expect(bundle.warnings).toMatchObject([
    {
      code: 'DEVELOPMENT_ONLY',
      message: expect.stringContaining('bundler, plugin'),
      location: { line: 2, column: 27 },
    },
  ]);
  expect(await rig.call(bundle)).toBe('production');
});

test('the code of the condition fails where it is reached, and not when the function starts', async () => {
  await using rig = await BundleRig.create({
    ...project,
    'functions/f.ts': [
      `let failed = 'nothing';`,
      `if (process.env.NODE_ENV !== 'production') {`,
      `  await import('../server/development').catch((error) => (failed = error.code));`,
      `}`,
      answer('failed'),
    ].join('\n'),
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.ts')))).toBe('ERR_MODULE_NOT_FOUND');
});

test('what the hint says ships the tools', async () => {
  await using rig = await BundleRig.create({
    ...project,
    'functions/f.ts': [
      `let name = 'nothing';`,
      `if (process.env.NODE_ENV !== 'production') name = (await import('../server/development')).start();`,
      answer('name'),
    ].join('\n'),
  });
  const bundling = { externalNodeModules: ['bundler', 'plugin'] };
  const bundle = bundleOf(await rig.bundle('functions/f.ts', bundling));
  expect(bundle.warnings).toEqual([]);
  expect(await rig.call(bundle)).toBe('bundlerplugin');
});

test.each([
  ['production imports it as well', `import 'bundler';`, `await import('bundler')`],
  ['it is loaded without a condition', '', `true && (await import('bundler'))`],
])('a package with machine code is shipped when %s', async (_why, first, load) => {
  await using rig = await BundleRig.create({
    ...project,
    'functions/f.ts': [
      first,
      `const isDev = process.env.NODE_ENV !== 'production';`,
      `const { name } = ${first === '' ? load : `isDev ? ${load} : { name: 'none' }`};`,
      answer('name'),
    ].join('\n'),
  });
  const bundle = bundleOf(await rig.bundle('functions/f.ts'));
  expect(pathsOf(bundle)).toContain('node_modules/bundler/compiler.node');
  expect(bundle.warnings).toEqual([]);
  expect(await rig.call(bundle)).toBe('bundler');
});

test('a package without machine code stays, even behind a condition', async () => {
  await using rig = await BundleRig.create({
    ...project,
    'functions/f.ts': [
      `let name = 'nothing';`,
      `if (process.env.NODE_ENV !== 'production') ({ name } = await import('settings'));`,
      `if (process.env.NODE_ENV === 'development') await import('../server/development');`,
      answer('name'),
    ].join('\n'),
  });
  const bundle = bundleOf(await rig.bundle('functions/f.ts'));
  expect(pathsOf(bundle).filter(isOfTools)).toEqual([]);
  expect(await rig.call(bundle)).toBe('settings');
});
