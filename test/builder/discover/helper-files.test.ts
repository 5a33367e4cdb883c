import { describe, expect, test } from 'vitest';
import { discoverSite } from './support/temporary-site.ts';

const helpers: readonly (readonly [
  file: string,
  source: string,
  target: string,
  message: RegExp,
])[] = [
  [
    '_utils/index.js',
    'export const a = 1;',
    '_utils',
    /index\.js is not a function: it exports `a`/,
  ],
  ['lib/index.ts', 'export const a = 1;', 'lib', /it exports `a`/],
  ['__tests__/index.ts', `test('x', () => {});`, '__tests__', /it exports nothing/],
  ['utils.ts', 'export const add = (a: number, b: number) => a + b;', 'utils.ts', /`add`/],
  ['utils.cjs', 'module.exports = { a: 1, b: 2 };', 'utils.cjs', /`a`, `b`/],
  ['types.ts', 'export type handler = () => void;', 'types.ts', /it exports nothing/],
  ['empty.js', '', 'empty.js', /it exports nothing/],
  ['words.ts', `export default 'hello';`, 'words.ts', /default export must be a function/],
  ['constants.ts', 'export default { a: 1 };', 'constants.ts', /object without `fetch`/],
  ['model.ts', 'export default class Model {}', 'model.ts', /must be a function/],
  ['named.ts', 'class Model {}\nexport { Model as default };', 'named.ts', /must be a function/],
  ['model.cjs', 'module.exports = class Model {};', 'model.cjs', /must be a function/],
  ['my helpers.ts', 'export const a = 1;', 'my helpers.ts', /it exports `a`/],
  ['db.client.ts', 'export const a = 1;', 'db.client.ts', /it exports `a`/],
];

describe('a file of helpers beside the functions', () => {
  test.each(helpers)(
    '%s (%s) is left out with a warning that says where to move it',
    async (file, source, target, message) => {
      const { specs, diagnostics } = await discoverSite({
        'netlify/functions/ok.mts': 'export default () => {};',
        [`netlify/functions/${file}`]: source,
      });
      expect(specs.map(({ name }) => name)).toEqual(['ok']);
      expect(diagnostics).toMatchObject([
        {
          severity: 'warning',
          code: expect.stringMatching(/^EXPORT_(?:MISSING|INVALID)$/),
          message: expect.stringMatching(message),
          hint: `Move netlify/functions/${target} to netlify/${target}, and adapt the imports of it.`,
        },
      ]);
    },
  );

  test.each([
    ['a test', 'a.test.ts', 'export default () => {};'],
    ['the configuration of a tool', 'vitest.config.mts', 'export default defineConfig({});'],
    ['type declarations', 'types.d.ts', 'export interface A {}'],
    ['a file deeper in a directory', '_lib/a.ts', 'export const a = 1;'],
  ])('that is %s is no function, and needs no warning', async (_what, file, source) => {
    const { specs, diagnostics } = await discoverSite({ [`netlify/functions/${file}`]: source });
    expect([specs, diagnostics]).toEqual([[], []]);
  });
});

describe('a file without a handler that is meant to be a function', () => {
  test.each([
    ['by its name', 'send-background.ts', 'export const a = 1;', ''],
    ['by the name of an event', 'deploy-succeeded.ts', 'export const a = 1;', ''],
    ['by netlify.toml', 'mail.ts', 'export const a = 1;', '[functions.mail]\ntimeout = 9\n'],
    ['by its config', 'mail.ts', 'export const config = { background: true };', ''],
    ['by a misspelt export', 'mail.ts', 'export const handlr = () => {};', ''],
  ])('%s is an error', async (_how, file, source, toml) => {
    const { specs, diagnostics } = await discoverSite({
      'netlify.toml': toml,
      [`netlify/functions/${file}`]: source,
    });
    expect(specs).toEqual([]);
    expect(diagnostics).toMatchObject([{ severity: 'error', code: 'EXPORT_MISSING' }]);
  });
});
