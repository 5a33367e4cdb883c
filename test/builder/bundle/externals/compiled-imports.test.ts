import { expect, test } from 'vitest';
import { BundleRig, bundleOf, textOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

const reads = `const word = require('node:fs').readFileSync(__dirname + '/word.txt', 'utf8');`;

/** A CommonJS package that reads a file, so that it stays a directory. */
function keptPackage(text: string): Record<string, string> {
  return {
    'node_modules/kept/package.json': JSON.stringify({ name: 'kept', version: '1.0.0' }),
    'node_modules/kept/word.txt': 'hello',
    'node_modules/kept/index.js': `${reads}\n${text}`,
  };
}

test.each([
  [
    'a name of an object that a function makes',
    `module.exports = (() => ({ say: () => word }))();`,
    `import { say } from 'kept';\n${answer('say()')}`,
  ],
  [
    'a name after a value that Node does not read on',
    `module.exports = { first: () => 1, say: () => word };`,
    `import { say as speak } from 'kept';\n${answer('speak()')}`,
  ],
  [
    'a name with a getter that Node does not read',
    `Object.defineProperty(exports, 'say', { get: () => () => word });`,
    `import { say } from 'kept';\n${answer('say()')}`,
  ],
  [
    'a name that is exported again',
    `module.exports = (() => ({ say: () => word }))();`,
    `import { say } from '../lib/again';\n${answer('say()')}`,
  ],
  [
    'the default of a compiled module',
    `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = () => word;`,
    `import say from 'kept';\n${answer('say()')}`,
  ],
  [
    'the default and a name of a compiled module',
    `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = () => word; exports.end = '!';`,
    `import say, { end } from 'kept';\n${answer('say()')}`,
  ],
  [
    'the default of a module that is not compiled',
    `module.exports = () => word; // not an __esModule`,
    `import say from 'kept';\n${answer('say()')}`,
  ],
])('a kept CommonJS package gives TypeScript %s', async (_what, text, source) => {
  await using rig = await BundleRig.create({
    ...keptPackage(text),
    'lib/again.ts': `export { say } from 'kept';`,
    'functions/f.ts': source,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.ts')))).toBe('hello');
});

test('an ES module of Node gets the whole export as the default', async () => {
  await using rig = await BundleRig.create({
    ...keptPackage(
      `Object.defineProperty(exports, '__esModule', { value: true }); exports.default = () => word;`,
    ),
    'functions/f.mts': `import kept from 'kept';\n${answer('kept.default()')}`,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.mts')))).toBe('hello');
});

test.each([
  [`exports.say = () => word;`],
  [`const say = () => word; module.exports = { say, other: say };`],
  [
    `Object.defineProperty(exports, 'say', { enumerable: true, get: function () { return say; } }); function say() { return word; }`,
  ],
])('names that Node finds are imported as they are written: %s', async (text) => {
  await using rig = await BundleRig.create({
    ...keptPackage(text),
    'functions/f.ts': `import { say } from 'kept';\n${answer('say()')}`,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.ts'));
  expect(textOf(bundle, 'f.mjs')).toMatch(/import \{ say \} from "kept"/);
  expect(await rig.call(bundle)).toBe('hello');
});

test('a kept package and a module of a computed path are loaded by one function', async () => {
  await using rig = await BundleRig.create({
    ...keptPackage(`module.exports = (() => ({ say: () => word }))();`),
    'jobs/a.cjs': `exports.job = '!';`,
    'jobs/b.cjs': `exports.job = '?';`,
    'functions/f.ts': [
      `import { createRequire } from 'node:module';`,
      `import { say } from 'kept';`,
      `const load = createRequire(import.meta.url);`,
      `const nameOf = (name: string) => '../jobs/' + name + '.cjs';`,
      answer(`say() + load(nameOf('a')).job`),
    ].join('\n'),
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.ts')))).toBe('hello!');
});
