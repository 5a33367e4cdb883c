import { expect, test } from 'vitest';
import { globWeight, matchesName } from '../../../src/builder/config/name-glob.ts';

test.each([
  ['*', 'anything', true],
  ['mail', 'mail', true],
  ['mail', 'mailer', false],
  ['mail-*', 'mail-order', true],
  ['mail-*', 'mail', false],
  ['*-background', 'a-background', true],
  ['a?', 'ab', true],
  ['a?', 'a', false],
  ['{mail,sms}-*', 'sms-order', true],
  ['{mail,sms}-*', 'fax-order', false],
  ['v[12]', 'v2', true],
  ['v[!12]', 'v2', false],
  ['v[!12]', 'v3', true],
  ['a+b', 'aab', false],
  ['a{b', 'a{b', true],
  ['a[*', 'a[x', true],
  ['v[z-a]*', 'vm', false],
])('%s against %s', (glob, name, expected) => {
  expect(matchesName(glob, name)).toBe(expected);
});

test('a glob with more literal characters is heavier, and a name is heavier than the name with a star', () => {
  expect(
    ['*', 'net*', 'netlify*', 'netlify'].toSorted((a, b) => globWeight(b) - globWeight(a)),
  ).toEqual(['netlify', 'netlify*', 'net*', '*']);
});
