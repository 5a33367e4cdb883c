import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const codesFile = path.join(root, 'src', 'diagnostic', 'codes.ts');

/** The members of the union. `isDocumented`: a comment is directly above the member. */
const members = readFileSync(codesFile, 'utf8')
  .split('\n')
  .flatMap((line, index, lines) => {
    const code = /^ {2}\| (['`][^'`]+['`]);?$/.exec(line)?.[1];
    if (code === undefined) return [];
    return [{ code, isDocumented: lines[index - 1]?.trimEnd().endsWith('*/') === true }];
  });

const sources = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => path.join(root, 'src', name))
  .filter((file) => file !== codesFile)
  .map((file) => readFileSync(file, 'utf8'));

test('every code of the union is a member on a line of its own', () => {
  const written = readFileSync(codesFile, 'utf8').match(
    /['`][A-Z]{2,}[A-Z_]*(?:\$\{string\})?['`]/g,
  );
  const isMember = new Set(members.map(({ code }) => code));
  expect(written?.filter((code) => !isMember.has(code))).toEqual([
    // This code is an example in the comment of the template below it.
    '`ESBUILD_DIRECT_EVAL`',
  ]);
  expect(isMember.size).toBe(members.length);
});

test.each(members)('something in src reports $code', ({ code }) => {
  // Only the fixed beginning of a template can be searched for.
  const [text = ''] = code.split('${');
  expect(sources.some((source) => source.includes(text))).toBe(true);
});

test.each(members)('$code says in a comment when it is reported', ({ isDocumented }) => {
  expect(isDocumented).toBe(true);
});
