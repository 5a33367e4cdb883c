import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FunctionSpec } from '../../../../src/builder/discover/function-spec.ts';
import { BundleRig, bundleOf } from '../../bundle/support/bundle-rig.ts';
import { TemporarySite } from '../support/temporary-site.ts';

const packages = {
  'package.json': '{"name":"site","type":"module"}',
  'node_modules/@org/dual/package.json': JSON.stringify({
    name: '@org/dual',
    exports: { '.': { import: './esm.mjs', require: './cjs.cjs' }, './*': './more/*.mjs' },
  }),
  'node_modules/@org/dual/esm.mjs':
    'export const config = { schedule: "@daily" }; export default async () => new Response("esm");',
  'node_modules/@org/dual/cjs.cjs':
    'exports.config = { schedule: "@hourly" }; exports.default = async () => new Response("cjs");',
  'node_modules/@org/dual/more/later.mjs':
    'export * from "../esm.mjs"; export { default } from "../esm.mjs";',
  'node_modules/@org/first/package.json': '{"name":"@org/first","main":"lib"}',
  'node_modules/@org/first/lib/index.js':
    'exports.handler = async () => ({ statusCode: 200, body: "v1" });',
  'packages/shared/package.json': '{"name":"shared","exports":"./src/index.ts"}',
  'packages/shared/src/settings.ts':
    'export const settings: { background: boolean } = { background: true };',
  'packages/shared/src/index.ts':
    'export { settings as config } from "./settings.ts"; export default async () => new Response("shared");',
};
const links = { 'node_modules/shared': '../packages/shared' };

async function specFor(file: string, source: string): Promise<FunctionSpec> {
  await using site = await TemporarySite.create({
    ...packages,
    [`netlify/functions/${file}`]: source,
  });
  for (const [place, target] of Object.entries(links)) {
    await symlink(target, path.join(site.directory, place));
  }
  const { specs, diagnostics } = await site.discover();
  const [spec] = specs;
  if (spec === undefined) throw new Error(JSON.stringify(diagnostics));
  return spec;
}

describe('a function whose exports are those of a package has the settings of the package', () => {
  test.each<readonly [file: string, source: string, expected: object]>([
    ['a.cjs', `module.exports = require('@org/dual');`, { schedule: '@hourly' }],
    [
      'a.mjs',
      `export * from '@org/dual'; export { default } from '@org/dual';`,
      { schedule: '@daily' },
    ],
    ['a.mjs', `export { default, config } from '@org/dual';`, { schedule: '@daily' }],
    [
      'a.mjs',
      `import fn, { config } from '@org/dual/later'; export { fn as default, config };`,
      { schedule: '@daily' },
    ],
    ['a.mts', `export { default, config } from 'shared';`, { mode: 'background' }],
  ])('%s: %s', async (file, source, expected) => {
    expect(await specFor(file, source)).toMatchObject(expected);
  });
});

describe('a function whose exports are those of a package is called', () => {
  test.each([
    ['f.cjs', `module.exports = require('@org/first');`, 'v1'],
    ['f.cjs', `module.exports = { ...require('@org/first') };`, 'v1'],
    ['f.mjs', `export * from '@org/first';`, 'v1'],
    ['f.cjs', `module.exports = require('@org/dual');`, 'cjs'],
    ['f.mjs', `export { default, config } from '@org/dual';`, 'esm'],
    ['f.mts', `export { default } from 'shared';`, 'shared'],
  ])('%s: %s', async (file, source, expected) => {
    await specFor(file, source);
    await using rig = await BundleRig.create({ ...packages, [`functions/${file}`]: source }, links);
    const bundle = bundleOf(await rig.bundle(`functions/${file}`));
    expect(await rig.call(bundle)).toContain(expected);
  });
});
