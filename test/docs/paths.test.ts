import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const read = (page: string): string => readFileSync(path.join(root, page), 'utf8');
const pagesIn = (folder: string) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name));
const pages = ['README.md', ...pagesIn('docs'), ...pagesIn('bench')];
/** Every file and folder that a page may name by the end of its path. */
const ours = ['src', 'test', 'scripts'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map(
    (name) => `/${folder}/${name}`,
  ),
);

const isHere = (named: string): boolean =>
  existsSync(path.join(root, named)) ||
  ours.some((file) => file.endsWith(`/${named.replace(/\/$/, '')}`));

test.each(pages)('every path of this repository that %s names is there', (page) => {
  const named = Array.from(
    read(page).matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/?)`/g),
    ([, name = '']) => name,
  );
  const paths = named.filter((name) =>
    /^(src|test|docs|bench|scripts|fixtures)\/|\.(test|suite)\.ts$|\/[\w-]+\.ts$/.test(name),
  );
  const links = Array.from(read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, target = '']) =>
    path.join(path.dirname(page), target),
  );
  expect([...paths, ...links].filter((name) => !isHere(name))).toEqual([]);
});

test('docs/architecture.md names every folder of src', () => {
  const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const page = read('docs/architecture.md');
  expect(
    folders
      .map(({ name }) => name)
      .filter((name) => !page.includes(`\`${name}/`) && !page.includes(`\`src/${name}/`)),
  ).toEqual([]);
});
