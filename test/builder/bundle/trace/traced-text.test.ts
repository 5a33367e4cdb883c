import dedent from 'dedent';
import { expect, test } from 'vitest';
import { FileScans } from '../../../../src/builder/bundle/syntax/file-scans.ts';
import { tracedText } from '../../../../src/builder/bundle/trace/traced-text.ts';
import { temporaryProject } from '../../support/temporary-project.ts';

/** A statement that makes a module too large to be left whole. */
const methods = Array.from({ length: 100 }, (_, index) => `method${index}() { return ${index}; }`);
const filler = `export class Other { ${methods.join(' ')} }`;

async function tracedIn(source: string): Promise<string> {
  await using project = await temporaryProject({ 'module.js': source });
  return tracedText(project.path('module.js'), Buffer.from(source), new FileScans());
}

test('a module that names its own place keeps those statements, their users, and what both mention', async () => {
  const text = await tracedIn(dedent`
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
  const text = await tracedIn(dedent`
    const load = createRequire(import.meta.url);
    let alias;
    alias = load;
    ${filler}
    function find() {
      return alias('./it.cjs');
    }
    void find();
  `);
  expect(text).toContain(`alias('./it.cjs')`);
  expect(text).not.toContain('method1');
});

test('examples in comments import nothing, and nothing in them names a place', async () => {
  const text = await tracedIn(dedent`
    /**
     * const pg = require('pg'); // é, 𝒳
     * read(__dirname)
     */
    ${filler}
    // import x from 'y'
    export const lazy = () => require( /* the old one */ 'lazy-one');
  `);
  expect(text).toBe('require("lazy-one");');
});

test('comments in a module that names its own place move nothing', async () => {
  const text = await tracedIn(dedent`
    /* ${'𝒳'.repeat(10)} */ const here = __dirname; // require('pg')
    ${filler}
    export const load = () => read(here /* of é */ + '/x');
  `);
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
