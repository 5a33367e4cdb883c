import path from 'node:path';
import { expect, test } from 'vitest';
import { build } from '../../src/builder/pipeline.ts';
import { callArtifact } from './support/call-artifact.ts';
import { temporaryProject } from './support/temporary-project.ts';

const site = {
  'apps/web/netlify/functions/f.mts': `import { readFileSync } from 'node:fs';\nconst dir = process.cwd();\nexport default async () => new Response(readFileSync('mails/a.txt', 'utf8') + readFileSync(dir + '/' + 'data/b.txt') + readFileSync('../../shared/c.txt'));\n`,
  'apps/web/mails/a.txt': 'a',
  'apps/web/data/b.txt': 'b',
  'apps/web/notes/d.txt': 'd',
  'shared/c.txt': 'c',
};
const toml = `[build]\nbase = "apps/web"\n[functions]\nincluded_files = ["notes/*"]\n`;

test.each([
  ['the root of the repository', '', { 'netlify.toml': toml }],
  ['the base itself', 'apps/web', { 'apps/web/netlify.toml': toml }],
])(
  'a site with a base, built in %s, has its files and globs there',
  async (_, directory, config) => {
    await using project = await temporaryProject({ ...site, ...config });
    const projectDirectory = path.join(project.directory, directory);
    const { warnings } = await build({ projectDirectory, cache: false });
    expect(warnings).toEqual([]);
    expect(await callArtifact(project, 'f', projectDirectory)).toBe('abc');
  },
);
