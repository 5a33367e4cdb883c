import dedent from 'dedent';
import { expect, test } from 'vitest';
import { FileScans } from '../../../../src/builder/bundle/syntax/file-scans.ts';
import { tracedText } from '../../../../src/builder/bundle/trace/traced-text.ts';
import { temporaryProject } from '../../support/temporary-project.ts';

/** A statement that makes a module large enough to be shortened. */
const methods = Array.from({ length: 100 }, (_, index) => `method${index}() { return ${index}; }`);
const filler = `export class Other { ${methods.join(' ')} }`;

async function tracedIn(source: string): Promise<string> {
  await using project = await temporaryProject({ 'module.js': source });
  return tracedText(project.path('module.js'), Buffer.from(source), new FileScans());
}

test('a module keeps the statements that name its location, their users, and the declarations both mention', async () => {
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

test('a statement that uses a kept name indirectly is kept, too', async () => {
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

test('imports and locations in comments are ignored', async () => {
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

test('comments are replaced by spaces in a module that names its own location', async () => {
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
  ['not parsable', `${'x'.repeat(20_000)} = = __dirname`],
])('a module that is %s is left whole', async (_what, source) => {
  expect(await tracedIn(source)).toBe(source);
});
