import dedent from 'dedent';
import { expect, test } from 'vitest';
import { BundleRig, bundleOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

async function answerOf(
  files: Readonly<Record<string, string>>,
  file: string,
  minify = false,
): Promise<string> {
  await using rig = await BundleRig.create(files);
  return await rig.call(bundleOf(await rig.bundle(file, {}, { minify })));
}

test('decorators work in the experimental form of TypeScript and in the standard form', async () => {
  const source = (parameters: string): string => dedent`
    const seen: string[] = [];
    function note(${parameters}) {
      seen.push('noted');
    }
    class A {
      @note run() {
        return 1;
      }
    }
    ${answer('new A().run() + seen.join()')}
  `;
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

test('circular imports work in ES modules and in CommonJS', async () => {
  const files = {
    'lib/even.mjs': dedent`
      import { odd } from './odd.mjs';
      export const even = (n) => n === 0 || odd(n - 1);
    `,
    'lib/odd.mjs': dedent`
      import { even } from './even.mjs';
      export const odd = (n) => n !== 0 && even(n - 1);
    `,
    'lib/a.cjs': dedent`
      exports.early = 1;
      exports.fromB = require('./b.cjs').sum;
    `,
    'lib/b.cjs': `exports.sum = require('./a.cjs').early + 1;`,
    'functions/f.mts': dedent`
      import { even } from '../lib/even.mjs';
      import a from '../lib/a.cjs';
      ${answer('even(10) + String(a.fromB)')}
    `,
  };
  expect(await answerOf(files, 'functions/f.mts')).toBe('true2');
});

test('import and require load the two halves of a dual package, as in Node', async () => {
  const files = {
    'node_modules/dual/package.json': JSON.stringify({
      name: 'dual',
      exports: {
        '.': { import: './index.mjs', require: './index.cjs' },
        './sub': { node: './node.cjs', default: './other.cjs' },
      },
    }),
    'node_modules/dual/index.mjs': `export const half = 'esm';`,
    'node_modules/dual/index.cjs': `exports.half = 'cjs';`,
    'node_modules/dual/node.cjs': `module.exports = 'node';`,
    'node_modules/dual/other.cjs': `module.exports = 'other';`,
    'lib/b.cjs': `exports.half = require('dual').half;`,
    'functions/f.mts': dedent`
      import { half } from 'dual';
      import sub from 'dual/sub';
      import b from '../lib/b.cjs';
      ${answer('[half, b.half, sub]')}
    `,
  };
  expect(await answerOf(files, 'functions/f.mts')).toBe('esm,cjs,node');
});

test('JSX calls the factory that tsconfig.json names', async () => {
  const files = {
    'tsconfig.json': '{"compilerOptions":{"jsx":"react-jsx","jsxImportSource":"tiny"}}',
    'node_modules/tiny/package.json': '{"name":"tiny","exports":{"./jsx-runtime":"./jsx.mjs"}}',
    'node_modules/tiny/jsx.mjs':
      'export const jsx = (type, { children }) => `<${type}>${children}</${type}>`;',
    'lib/page.tsx': 'export const page = (name: string) => <b>{name}</b>;',
    'functions/f.mts': dedent`
      import { page } from '../lib/page.tsx';
      ${answer(`page('hi')`)}
    `,
  };
  expect(await answerOf(files, 'functions/f.mts')).toBe('<b>hi</b>');
});

test('two classes of one name keep their name when the program reads it, minified or not', async () => {
  const order = dedent`
    export class Order {
      kind() {
        return this.constructor.name;
      }
    }
  `;
  const files = {
    'lib/one.ts': order,
    'lib/two.ts': order,
    'functions/f.mts': dedent`
      import { Order } from '../lib/one.ts';
      import { Order as Other } from '../lib/two.ts';
      ${answer('new Order().kind() + new Other().kind()')}
    `,
  };
  expect(await answerOf(files, 'functions/f.mts', true)).toBe('OrderOrder');
  expect(await answerOf(files, 'functions/f.mts')).toBe('OrderOrder');
});
