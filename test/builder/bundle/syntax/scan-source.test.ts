import { describe, expect, test } from 'vitest';
import { scanSource } from '../../../../src/builder/bundle/syntax/scan-source.ts';

const findings = (source: string): readonly string[] => [...scanSource('x.js', source).findings];

describe('a file can be part of one bundle', () => {
  test.each([
    [`if (typeof __dirname !== 'undefined') run();`],
    [
      `const file = typeof __filename !== 'undefined' ? __filename : undefined; stack.includes(file);`,
    ],
    [`(function outer(modules) { function find(require, id) { return require(id); } })()`],
    [`const x = require(ok ? 'a' : 'b');`],
    [`const options = { __dirname: 1 }; options.__dirname;`],
    [`if (typeof packed !== 'undefined') packed.ab = __dirname + '/'; module.exports = packed(7);`],
  ])('%s', (source) => {
    expect(findings(source)).toEqual([]);
  });

  test.each([
    [`exports.load = (name) => require(name);`],
    [`export const load = async (name) => import(name);`],
    [`createRequire(whoever).resolve(name);`],
  ])('with modules named at run time: %s', (source) => {
    expect(findings(source)).toEqual(['named-modules']);
  });
});

describe('a package stays a directory because of a file with', () => {
  test.each([
    ['own-files', `fs.readFileSync(path.join(__dirname, 'data.bin'))`],
    ['own-files', `fs.readFileSync(__dirname + '/data.bin')`],
    ['own-files', `packed.ab = __dirname + '/'; fs.readFileSync(packed.ab + 'data.bin');`],
    ['own-files', `exports.place = __dirname + '/';`],
    ['own-files', `new URL('./x.wasm', import.meta.url)`],
    ['own-files', `const require = createRequire(import.meta.url);`],
    ['own-files', `require.resolve('./worker.js')`],
    ['own-directory', `module.exports = () => __dirname;`],
    ['own-directory', `new Worker(__filename)`],
    ['own-directory', `const here = dirname(fileURLToPath(import.meta.url));`],
    ['own-modules', `require('./dialects/' + name)`],
    ['own-modules', 'import(`./locale/${name}.js`)'],
    ['own-modules', `const load = (file) => require(file); load('./a');`],
    ['native', `require('bindings')('addon')`],
    ['native', `import load from 'node-gyp-build'; load(root);`],
  ])('%s: %s', (finding, source) => {
    expect(findings(source)).toContain(finding);
  });
});

test('`__filename` is a finding when it is passed to a loader, and none when it is compared with a stack trace', () => {
  expect(findings(`require.addon('.', __filename)`)).toEqual(['own-directory']);
  expect(findings(`stack.includes(__filename)`)).toEqual([]);
});
