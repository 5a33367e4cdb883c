import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { settingKeys } from '../../src/builder/config/function-settings.ts';

const root = path.join(import.meta.dirname, '../..');

test('docs/configuration.md names every setting and every code that discovery reports', async () => {
  const page = await readFile(path.join(root, 'docs/configuration.md'), 'utf8');
  const codes = new Set<string>();
  for (const folder of ['config', 'discover']) {
    for (const file of await readdir(path.join(root, 'src/builder', folder), { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const source = await readFile(path.join(root, 'src/builder', folder, file), 'utf8');
      for (const [, code = ''] of source.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'/g)) codes.add(code);
    }
  }
  codes.delete('ENOENT');
  expect(codes.size).toBeGreaterThan(15);
  expect([...codes].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  expect(settingKeys.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  const documented = Array.from(page.matchAll(/^- `([A-Z_]+)`:/gm), ([, code]) => code);
  expect(documented.length).toBeGreaterThan(15);
  expect(documented.filter((code) => !codes.has(code ?? ''))).toEqual([]);
});
