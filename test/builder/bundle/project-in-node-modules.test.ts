import { expect, test } from 'vitest';
import { build } from '../../../src/builder/pipeline.ts';
import { callArtifact } from '../support/call-artifact.ts';
import { temporaryProject } from '../support/temporary-project.ts';

test('a project below a directory called node_modules is first-party, and modules beside it are installed', async () => {
  await using project = await temporaryProject({
    'node_modules/dep/package.json': '{ "name": "dep", "version": "1.0.0" }',
    'node_modules/dep/index.js': `exports.dep = require('node:fs').readFileSync(__dirname + '/dep.txt', 'utf8');\n`,
    'node_modules/dep/dep.txt': 'dep',
    'node_modules/@acme/site/package.json': '{ "name": "@acme/site", "type": "module" }',
    'node_modules/@acme/site/node_modules/own/package.json':
      '{ "name": "own", "version": "1.0.0" }',
    'node_modules/@acme/site/node_modules/own/index.js': `exports.own = require('node:fs').readFileSync(__dirname + '/own.txt', 'utf8');\n`,
    'node_modules/@acme/site/node_modules/own/own.txt': 'own',
    'node_modules/@acme/site/lib/text.ts': `export const text: string = 'lib';\n`,
    'node_modules/@acme/site/netlify/functions/data.txt': 'data',
    'node_modules/@acme/site/netlify/functions/f.ts': `import { readFileSync } from 'node:fs';
import { dep } from 'dep';
import { own } from 'own';
import { text } from '../../lib/text';
const data = readFileSync(new URL('./data.txt', import.meta.url), 'utf8');
export default async () => new Response([dep, own, text, data].join());
`,
  });
  const projectDirectory = project.path('node_modules/@acme/site');
  const { functions, warnings } = await build({ projectDirectory });
  expect(warnings).toEqual([]);
  expect(await callArtifact(project, 'f', projectDirectory)).toBe('dep,own,lib,data');
  expect(functions[0]?.sources).toContain(`${projectDirectory}/lib/text.ts`);

  // The cache sees the project's own files as such, too.
  await project.write({ 'node_modules/@acme/site/lib/text.js': `export const text = 'other';\n` });
  const rebuilt = await build({ projectDirectory });
  expect(rebuilt.functions.map(({ cached }) => cached)).toEqual([false]);
});
