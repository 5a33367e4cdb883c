import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');

test('docs/dependencies.md has the purpose of every package', () => {
  const page = readFileSync(path.join(root, 'docs/dependencies.md'), 'utf8');
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  ) as Record<string, Record<string, string>>;
  const names = Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
  expect(names.length).toBeGreaterThan(20);
  // An entry names its packages before its first colon.
  const entries = Array.from(page.matchAll(/^- ([^:]*):/gm), ([, entry = '']) => entry);
  const named = new Set(entries.flatMap((entry) => entry.split(/[\s,*]+/)));
  const missing = names.filter((name) => !name.startsWith('@types/') && !named.has(name));
  expect(missing).toEqual([]);
});
