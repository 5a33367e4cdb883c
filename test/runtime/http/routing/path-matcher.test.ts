import { describe, expect, test } from 'vitest';
import { compilePath } from '../../../../src/builder/discover/routes/path-pattern.ts';
import { parseExpression } from '../../../../src/runtime/http/routing/parse-expression.ts';
import { compileExpression } from '../../../../src/runtime/http/routing/path-matcher.ts';

/** The expression of a pattern, as the build writes it. */
const expressionOf = (pattern: string): string =>
  String.raw`^${compilePath(pattern).expression}\/?$`;

/** The longest possible path, since the head of a request has at most 16 KiB. */
const length = 16_000;

describe('the longest path of a request', () => {
  test.each([
    ['/blog/:year-:month-:slug', `/blog/${'-'.repeat(length)}/x`],
    ['/blog/:a.:b.:c.:d.json', `/blog/${'.'.repeat(length)}`],
    ['/a/*/b/*/c/*/d', `/a/${'/b//c/'.repeat(length / 6)}`],
    ['/*-:a/*-:b/*-:c/end', `/${'a-/'.repeat(length / 3)}`],
    ['/x/:p*/y/:q*/z', `/x${'/y'.repeat(length / 2)}`],
    [String.raw`/:id((?:\d+)+)/edit`, `/${'1'.repeat(length)}`],
    ['/:path*/:path2*/:path3*/end', '/a'.repeat(length / 2)],
  ])('is rejected at once by %s', (pattern, path) => {
    expect(compileExpression(expressionOf(pattern))(path)).toBe(false);
  });

  test('is accepted at once if it matches', () => {
    expect(
      compileExpression(expressionOf('/blog/:year-:month-:slug'))(`/blog/${'-'.repeat(length)}`),
    ).toBe(true);
  });
});

/**
 * A linear congruential generator: its numbers are the same in every run, so that a failure can be
 * repeated.
 */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test.each([
  '/:a-:b',
  '/:a-:b-:c',
  '/a/*/b/*',
  '/*-:a/b*',
  '/:a?/:b*/b',
  '/:a+/b/:c+',
  '/{:a-}?:b/:c',
  '/(a|b-)+/:b*',
  String.raw`/:a(\d{1,3})-:b([a-c]+)/:c*`,
  String.raw`/:a(\w+)-(.*)/:c+`,
  '/b.:a.:b',
  String.raw`/:a([^\-b]*)-*/:c([^\/]{2,})*`,
])('%s matches the same paths as its regular expression', (pattern) => {
  const source = expressionOf(pattern);
  const matches = compileExpression(source);
  const expression = new RegExp(source);
  expect(parseExpression(source)).toBeDefined();
  const random = randomNumbers(pattern.length);
  const alphabet = ['/', '/', '-', '-', 'a', 'b', 'c', '1', '.', '%2F'];
  const seen = { true: 0, false: 0 };
  const different: string[] = [];
  for (let round = 0; round < 20_000; round += 1) {
    const path = `/${Array.from({ length: random(9) }, () => alphabet[random(alphabet.length)]).join('')}`;
    const wanted = expression.test(path);
    seen[`${wanted}`] += 1;
    if (matches(path) !== wanted) different.push(path);
  }
  expect(different).toEqual([]);
  expect(Math.min(seen.true, seen.false)).toBeGreaterThan(0);
});

test.each([
  [String.raw`^\/(?=a)[^\/]+?-(.*)$`, '/a-b', '/b-b'],
  [String.raw`^\/(a+)-\1(.*)$`, '/aa-aa', '/aa-ba'],
  [String.raw`^\/(?<n>a+)-(.*)$`, '/aa-', '/b-'],
  [String.raw`^\/a*b*|x$`, '/ab', 'y'],
  [String.raw`^\/(?:a{900}){900}b*c*$`, `/${'a'.repeat(810_000)}`, '/a'],
])(
  '%s has unknown syntax, so it is left to the regular expression engine',
  (source, matching, other) => {
    const matches = compileExpression(source);
    expect([matches(matching), matches(other)]).toEqual([true, false]);
  },
);
