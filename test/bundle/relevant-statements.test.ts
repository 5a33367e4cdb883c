import { expect, test } from 'vitest';
import { relevantStatements } from '../../src/bundle/relevant-statements.ts';
import { temporaryProject } from '../build/temporary-project.ts';

/** A module too large to be left whole. */
const filler = `export class Other {\n${Array.from({ length: 800 }, (_, index) => `  method${index}() { return ${index}; }\n`).join('')}}\n`;

async function relevantIn(source: string): Promise<string | undefined> {
  await using project = await temporaryProject({ 'module.js': source });
  return relevantStatements(project.path('module.js'), source);
}

test('of a large module there is left what names its own place, who uses that, and what both mention', async () => {
  const text = await relevantIn(`
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
  expect(text?.split('\n;')).toEqual([
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
  const text = await relevantIn(`const load = createRequire(import.meta.url);\nlet alias;\nalias = load;\n${filler}\nfunction find() { return alias('./it.cjs'); }\nvoid find();`);
  expect(text).toContain(`alias('./it.cjs')`);
  expect(text).not.toContain('method1');
});

test.each([
  ['small', 'module.exports = __dirname;'],
  ['not suspicious', filler],
  ['one that no parser reads', `${'x'.repeat(20_000)} = = __dirname`],
])('a module that is %s is left to the tracer whole', async (_what, source) => {
  expect(await relevantIn(source)).toBeUndefined();
});
