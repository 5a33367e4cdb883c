import { expect, test } from 'vitest';
import { FileScans } from '../../../../src/builder/bundle/syntax/file-scans.ts';
import { tracedText } from '../../../../src/builder/bundle/trace/traced-text.ts';
import { temporaryProject } from '../../support/temporary-project.ts';

/** A module too large to be left whole. */
const filler = `export class Other {\n${Array.from({ length: 100 }, (_, index) => `  method${index}() { return ${index}; }\n`).join('')}}\n`;

async function tracedIn(source: string): Promise<string> {
  await using project = await temporaryProject({ 'module.js': source });
  return tracedText(project.path('module.js'), Buffer.from(source), new FileScans());
}

test('of a module that names its own place there is left what does, who uses that, and what both mention', async () => {
  const text = await tracedIn(`
    import { join } from 'node:path';
    import { readFileSync } from 'node:fs';
    import lines from 'line-breaker';
    const folder = 'data';
    const unrelated = 1;
    const here = join(__dirname, folder);
    ${filler}
    export const load = () => readFileSync(here + '/table.bin');
    export const lazy = () => require('lazy-one');
  `);
  expect(text.split('\n;')).toEqual([
    `import { join } from 'node:path';`,
    `import { readFileSync } from 'node:fs';`,
    `import lines from 'line-breaker';`,
    `const folder = 'data';`,
    `const here = join(__dirname, folder);`,
    `export const load = () => readFileSync(here + '/table.bin');`,
    `require("lazy-one");`,
  ]);
});

test('a user of a user is followed', async () => {
  const text = await tracedIn(
    `const load = createRequire(import.meta.url);\nlet alias;\nalias = load;\n${filler}\nfunction find() { return alias('./it.cjs'); }\nvoid find();`,
  );
  expect(text).toContain(`alias('./it.cjs')`);
  expect(text).not.toContain('method1');
});

test('examples in comments import nothing, and nothing in them names a place', async () => {
  const text = await tracedIn(
    `/**\n * const pg = require('pg'); // é, 𝒳\n * read(__dirname)\n */\n${filler}\n// import x from 'y'\nexport const lazy = () => require( /* the old one */ 'lazy-one');`,
  );
  expect(text).toBe('require("lazy-one");');
});

test('comments in a module that names its own place move nothing', async () => {
  const text = await tracedIn(
    `/* ${'𝒳'.repeat(10)} */ const here = __dirname; // require('pg')\n${filler}\nexport const load = () => read(here /* of é */ + '/x');`,
  );
  expect(text.split('\n;')).toEqual([
    'const here = __dirname;',
    `export const load = () => read(here ${' '.repeat('/* of é */'.length)} + '/x');`,
  ]);
});

test.each([
  ['small', 'module.exports = __dirname;'],
  ['one that no parser reads', `${'x'.repeat(20_000)} = = __dirname`],
])('a module that is %s is left whole', async (_what, source) => {
  expect(await tracedIn(source)).toBe(source);
});
