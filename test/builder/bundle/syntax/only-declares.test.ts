import { expect, test } from 'vitest';
import { onlyDeclares } from '../../../../src/builder/bundle/syntax/only-declares.ts';

test.each([
  `import a from 'a'; export * from 'b'; export { c } from 'c';`,
  `export const limits = { size: -1, names: ['a', \`b\`], key: Symbol.iterator } as const;`,
  `export default function f() { process.env.MODE = 'set'; }`,
  `const cache = new Map<string, number>(); let last: Date | undefined;`,
  `interface A { b: string } type B = A | undefined; export enum C { D = 'd' }`,
  `class A extends B { static size = 1; #x = f(); constructor() { super(); run(); } }`,
  `export const key = process.env.KEY ?? 'none';`,
])('%s only declares', (source) => {
  expect(onlyDeclares('module.ts', source)).toBe(true);
});

test.each([
  `process.env.MODE = 'set';`,
  `configure();`,
  `export const client = createClient();`,
  `export const client = new Client();`,
  `const { a } = require('a');`,
  `export const text = \`\${load()}\`;`,
  `class A { static { register(A); } }`,
  `class A { static size = measure(); }`,
  `@register class A {}`,
  `delete globalThis.fetch;`,
  `await ready;`,
  `if (process.env.DEBUG) enable();`,
  `namespace A { run(); }`,
  `import a = require('a');`,
])('%s does more', (source) => {
  expect(onlyDeclares('module.ts', source)).toBe(false);
});
