import { expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

/** Ways in which the code knows one value of a name, and gets another one at run time. */
const shapes: Readonly<Record<string, string>> = {
  'a fallback': `const lng = process.env.LNG ?? 'en';`,
  'a fallback for an empty text': `const lng = (process.env.LNG || 'en').trim();`,
  'a condition': `const asked = process.env.LNG; const lng = asked ? asked : 'en';`,
  'a later assignment': `let lng = 'en'; if (process.env.LNG) lng = process.env.LNG;`,
  'a default of an option': `const { lng = 'en' } = { lng: process.env.LNG };`,
  'a default of a property of a parameter': `const pick = ({ lng = 'en' }) => lng; const lng = [{ lng: process.env.LNG }].map(pick)[0];`,
  'a spread over defaults': `const { lng } = { lng: 'en', ...Object.fromEntries([['lng', process.env.LNG]]) };`,
  'an item of a list': `let lng; for (const one of ['en', process.env.LNG]) lng = one;`,
  'a field': `class Texts { lng = 'en'; constructor() { this.lng = process.env.LNG; } get() { return this.lng; } } const lng = new Texts().get();`,
};

const languages = {
  'locales/en/mail.txt': 'hello',
  'locales/de/mail.txt': 'hallo',
  'src/unrelated.txt': 'unrelated',
};

test.each(Object.entries(shapes))('%s leaves other values possible', async (_, statements) => {
  await using rig = await BundleRig.create({
    ...languages,
    'functions/f.mjs': [
      `import { readFileSync } from 'node:fs';`,
      statements,
      answer('readFileSync(`locales/${lng}/mail.txt`, "utf8")'),
    ].join('\n'),
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
  expect(await rig.call(bundle, { LNG: 'de' })).toBe('hallo');
});

test('a module that is imported with a fallback in its path is any of its neighbours', async () => {
  await using rig = await BundleRig.create({
    'texts/en.mjs': `export const hello = 'hello';`,
    'texts/de.mjs': `export const hello = 'hallo';`,
    'functions/f.mjs': [
      `const lng = process.env.LNG ?? 'en';`,
      'const { hello } = await import(`../texts/${lng}.mjs`);',
      answer('hello'),
    ].join('\n'),
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
  expect(await rig.call(bundle, { LNG: 'de' })).toBe('hallo');
});

test('a directory that the environment can replace is the one that the code names', async () => {
  await using rig = await BundleRig.create({
    ...languages,
    'public/en/mail.txt': 'public',
    'functions/f.mjs': [
      `import path from 'node:path'; import { readFileSync } from 'node:fs';`,
      `const file = (name) => path.join(process.cwd(), process.env.TEXTS ?? 'locales', name, 'mail.txt');`,
      answer(`readFileSync(file('de'), 'utf8')`),
    ].join('\n'),
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
  expect(await rig.call(bundle)).toBe('hallo');
  expect(pathsOf(bundle).filter((file) => file.startsWith('public'))).toEqual([]);
});
