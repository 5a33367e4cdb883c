import { expect, test } from 'vitest';
import { BundleRig, bundleOf } from './support/bundle-rig.ts';

const answer = (value: string): string =>
  `export default async () => new Response(String(${value}));\n`;

async function answerOf(
  files: Readonly<Record<string, string>>,
  file: string,
  minify = false,
): Promise<string> {
  await using rig = await BundleRig.create(files);
  return await rig.call(bundleOf(await rig.bundle(file, {}, { minify })));
}

test('decorators, as TypeScript had them and as the language has them', async () => {
  const source = (parameters: string): string =>
    `const seen: string[] = [];\nfunction note(${parameters}) { seen.push('noted'); }\nclass A { @note run() { return 1; } }\n${answer('new A().run() + seen.join()')}`;
  expect(
    await answerOf(
      {
        'tsconfig.json': '{"compilerOptions":{"experimentalDecorators":true}}',
        'functions/f.ts': source('target: object, key: string'),
      },
      'functions/f.ts',
    ),
  ).toBe('1noted');
  expect(
    await answerOf(
      { 'functions/f.ts': source('method: unknown, context: ClassMethodDecoratorContext') },
      'functions/f.ts',
    ),
  ).toBe('1noted');
});

test('circular imports, in ES modules and in CommonJS', async () => {
  const files = {
    'lib/even.mjs': `import { odd } from './odd.mjs';\nexport const even = (n) => n === 0 || odd(n - 1);`,
    'lib/odd.mjs': `import { even } from './even.mjs';\nexport const odd = (n) => n !== 0 && even(n - 1);`,
    'lib/a.cjs': `exports.early = 1;\nexports.fromB = require('./b.cjs').sum;`,
    'lib/b.cjs': `exports.sum = require('./a.cjs').early + 1;`,
    'functions/f.mts': `import { even } from '../lib/even.mjs';\nimport a from '../lib/a.cjs';\n${answer('even(10) + String(a.fromB)')}`,
  };
  expect(await answerOf(files, 'functions/f.mts')).toBe('true2');
});

test('a dual package: each way of loading gets its own half, as in Node', async () => {
  const files = {
    'node_modules/dual/package.json':
      '{"name":"dual","exports":{".":{"import":"./index.mjs","require":"./index.cjs"},"./sub":{"node":"./node.cjs","default":"./other.cjs"}}}',
    'node_modules/dual/index.mjs': `export const half = 'esm';`,
    'node_modules/dual/index.cjs': `exports.half = 'cjs';`,
    'node_modules/dual/node.cjs': `module.exports = 'node';`,
    'node_modules/dual/other.cjs': `module.exports = 'other';`,
    'lib/b.cjs': `exports.half = require('dual').half;`,
    'functions/f.mts': `import { half } from 'dual';\nimport sub from 'dual/sub';\nimport b from '../lib/b.cjs';\n${answer('[half, b.half, sub]')}`,
  };
  expect(await answerOf(files, 'functions/f.mts')).toBe('esm,cjs,node');
});

test('JSX goes to the factory that the tsconfig names', async () => {
  const files = {
    'tsconfig.json': '{"compilerOptions":{"jsx":"react-jsx","jsxImportSource":"tiny"}}',
    'node_modules/tiny/package.json': '{"name":"tiny","exports":{"./jsx-runtime":"./jsx.mjs"}}',
    'node_modules/tiny/jsx.mjs':
      'export const jsx = (type, { children }) => `<${type}>${children}</${type}>`;',
    'lib/page.tsx': 'export const page = (name: string) => <b>{name}</b>;',
    'functions/f.mts': `import { page } from '../lib/page.tsx';\n${answer(`page('hi')`)}`,
  };
  expect(await answerOf(files, 'functions/f.mts')).toBe('<b>hi</b>');
});

test('two classes of one name keep it where the program asks for it, minified or not', async () => {
  const files = {
    'lib/one.ts': `export class Order { kind() { return this.constructor.name; } }`,
    'lib/two.ts': `export class Order { kind() { return this.constructor.name; } }`,
    'functions/f.mts': `import { Order } from '../lib/one.ts';\nimport { Order as Other } from '../lib/two.ts';\n${answer('new Order().kind() + new Other().kind()')}`,
  };
  expect(await answerOf(files, 'functions/f.mts', true)).toBe('OrderOrder');
  expect(await answerOf(files, 'functions/f.mts')).toBe('OrderOrder');
});
