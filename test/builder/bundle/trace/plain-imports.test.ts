import dedent from 'dedent';
import { expect, test } from 'vitest';
import { plainImports } from '../../../../src/builder/bundle/trace/plain-imports.ts';

const importsOf = (source: string): string | undefined => plainImports(Buffer.from(source));

test('a plain module is reduced to its imports and its calls of require', () => {
  const source = dedent`
    import a from './a.js'; export * from"b"; import 'c/é';
    const d = require ( "d" ); module.require('e');
    void import('f'); import { g,
      h } from '@g/h'; notimport('x'); const text = "fromage 'y'";
  `;
  expect(importsOf(source)?.split('\n')).toEqual([
    'import("./a.js");',
    'import("b");',
    'import("c/é");',
    'require("d");',
    'require("e");',
    'import("f");',
    'import("@g/h");',
  ]);
});

test('a string that looks like an import does not hide a call of require', () => {
  expect(importsOf(`const a = require('a'); log("copied from 'b'");`)).toBe(
    'require("a");\nimport("b");',
  );
});

test('a quoted key that ends in a keyword does not hide the import after it', () => {
  const imports = importsOf(
    `module.exports = { 'dynamic-import': require('./a'), 'from': require('./b') };`,
  );
  expect(imports).toContain('require("./a");');
  expect(imports).toContain('require("./b");');
});

test('a module without imports is reduced to an empty text', () => {
  expect(importsOf('export const one = 1;')).toBe('');
});

test.each([
  'fs.readFileSync(__dirname + "/data")',
  'require(name)',
  'import(`./${name}.js`)',
  'require(ok ? "a" : "b")',
  'const addon = require("bindings")("addon.node")',
  'import a from /* the old one */ "a"',
  String.raw`require("a\u0062")`,
  ' * const pg = require("pg");',
  '// as in: import x from "y"',
  '/* require("z") */',
])('a text that needs a parser is not reduced: %s', (source) => {
  expect(importsOf(source)).toBeUndefined();
});
