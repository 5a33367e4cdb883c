import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const read = (page: string): string => readFileSync(path.join(root, page), 'utf8');
const pagesIn = (folder: string) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name));
const pages = [...pagesIn('.'), ...pagesIn('docs'), ...pagesIn('bench')];
/** Every file and folder that a page may name by the end of its path. */
const ours = ['src', 'test', 'scripts'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map(
    (name) => `/${folder}/${name}`,
  ),
);

const isHere = (named: string): boolean =>
  existsSync(path.join(root, named)) ||
  ours.some((file) => file.endsWith(`/${named.replace(/\/$/, '')}`));

/** Targets of the relative links of a page, from the root. */
const linksOf = (page: string): string[] =>
  Array.from(read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, target = '']) =>
    path.join(path.dirname(page), target),
  );

test.each(pages)('every path of this repository that %s names exists', (page) => {
  const named = Array.from(
    read(page).matchAll(/`([\w.-]+(?:\/[\w.-]+)*\/?)`/g),
    ([, name = '']) => name,
  );
  const paths = named.filter((name) =>
    /^(src|test|docs|bench|scripts|fixtures)\/|\.(test|suite)\.ts$|\/[\w-]+\.ts$/.test(name),
  );
  expect([...paths, ...linksOf(page)].filter((name) => !isHere(name))).toEqual([]);
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

test('every link of a page in the published package leads to a file in it', () => {
  const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(listing) as [{ files: readonly { path: string }[] }];
  const packed = new Set(files.map((file) => file.path));
  const published = pages.filter((page) => packed.has(page));
  expect(published).toEqual(
    expect.arrayContaining(['README.md', 'CHANGELOG.md', 'docs/operations.md']),
  );
  const broken = published.flatMap((page) =>
    linksOf(page)
      .filter((target) => !packed.has(target))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});
