import { describe, expect, it } from 'vitest';
import {
  isSloppyPackageText,
  isSloppyText,
} from '../../../../src/builder/bundle/syntax/sloppy-text.ts';

describe('the search for code that may mean something else in strict mode', () => {
  it.each([
    ['an undeclared name', 'exports.run = () => { total = 1; };'],
    ['a loop over an undeclared name', 'function f() { for (i = 0; i < 3; i += 1) g(i); }'],
    [
      'a loop whose name another function declares',
      'function a() { var i = 0; return i; }\nfunction b() { for (i = 0; i < 3; i += 1) a(); }',
    ],
    ['a pattern of undeclared names', 'var a;\n[first, a] = pair();'],
    ['arguments.callee', 'module.exports = function () { return arguments.callee; };'],
    ['a function that is called where it stands', '(function () { this.name = 1; })();'],
    ['a deleted name', 'var x = 1; delete x;'],
    ['parameters of one name', 'function f(a, b, a) { return a; }'],
  ])('finds %s', (_, text) => {
    expect(isSloppyText(text)).toBe(true);
    expect(isSloppyPackageText(text)).toBe(true);
  });

  it.each([
    ['a strict text', '"use strict";\ntotal = 1;'],
    ['an ES module of one line', 'var a=1;a=2;export{a as b};'],
    [
      'a loop over a name of its function',
      'function f() { var i, n; for (i = 0; i < 3; i += 1) g(i); }',
    ],
    ['names in strings and comments', 'var x = \'<a version="1.0">\'; // sourceMappingURL=x'],
    [
      'declarations after a regular expression with a semicolon',
      "var one = /p \\+= '';/g,\n    two = /\\bp '' /g;",
    ],
    ['defaults of a pattern', 'const { a, b = 1, c = 2 } = options; exports.a = [a, b, c];'],
    ['fields of a class', 'class Failed extends Error { name = "Failed";\n  $fault = "client";\n}'],
    ['a pattern of declared names', 'let a, b;\n[a, b] = pair();'],
  ])('passes over %s', (_, text) => {
    expect(isSloppyPackageText(text)).toBe(false);
  });

  it('takes a variable for the global object for sloppy only in the code of the project', () => {
    const text = 'var root = this; root.x = 1;';
    expect(isSloppyText(text)).toBe(true);
    expect(isSloppyPackageText(text)).toBe(false);
  });
});
