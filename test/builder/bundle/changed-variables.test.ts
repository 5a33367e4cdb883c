import { expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

test('a variable that is changed from its own value many times ends the search for its paths', async () => {
  const changes = Array.from({ length: 12 }, (_, index) => `text = text + part + ${index};`);
  await using rig = await BundleRig.create({
    'data/a.txt': 'found',
    'functions/f.mjs': [
      `import { readFileSync } from 'node:fs';`,
      `function prompt(part) { let text = 'x'; text = text || part; ${changes.join(' ')} return text; }`,
      `const place = prompt('a').length > 0 ? 'data/a.txt' : prompt('b');`,
      answer(`readFileSync(place, 'utf8')`),
    ].join('\n'),
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
  expect(pathsOf(bundle)).toContain('data/a.txt');
});
