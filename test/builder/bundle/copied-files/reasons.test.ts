import { expect, test } from 'vitest';
import { analyze } from '../../../../src/builder/analyze/analyze.ts';
import { build } from '../../../../src/builder/pipeline.ts';
import { temporaryProject } from '../../support/temporary-project.ts';

test('the analysis of a build says which line of which file brings a file of the project', async () => {
  await using project = await temporaryProject({
    'netlify/functions/f.mjs': [
      `import { readFileSync } from 'node:fs';`,
      `const open = (file) => readFileSync(file, 'utf8');`,
      `export default () => new Response(readFileSync('data/a.txt') + open('data/page.html'));`,
    ].join('\n'),
    'data/a.txt': 'a',
    'data/page.html': '<link href="style.css">',
    'data/style.css': '',
  });
  const result = await build({
    projectDirectory: project.directory,
    target: { platform: 'linux', arch: 'x64', libc: 'glibc' },
  });
  const [analyzed] = await analyze(result);
  const reasons = Object.fromEntries(analyzed!.parts.map(({ path, reason }) => [path, reason]));
  expect(reasons).toMatchObject({
    'data/a.txt': 'read in f.mjs:3',
    'data/page.html': 'read in f.mjs:2',
    'data/style.css': 'named in data/page.html',
  });
});
