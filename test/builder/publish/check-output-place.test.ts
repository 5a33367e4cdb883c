import { symlink } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { build } from '../../../src/builder/pipeline.ts';
import { temporaryProject } from '../support/temporary-project.ts';

const site = { 'netlify/functions/f.mjs': 'export default () => new Response();' };

test.each([
  ['netlify/functions', 'is'],
  ['netlify/functions/', 'is'],
  ['link', 'is'],
  ['netlify/functions/dist', 'lies in'],
  ['link/new/dist', 'lies in'],
  ['netlify', 'contains'],
  ['.', 'contains'],
])('the output directory %s is refused: it %s the functions directory', async (out, relation) => {
  await using project = await temporaryProject(site);
  await symlink('netlify/functions', project.path('link'));
  const outcome = build({
    projectDirectory: project.directory,
    outputDirectory: out,
    cache: false,
  });
  await expect(outcome).rejects.toMatchObject({
    code: 'OUTPUT_AMONG_SOURCES',
    kind: 'usage',
    message: expect.stringMatching(` ${relation} the functions directory ${project.directory}`),
  });
});

test.each(['netlify/functions-built', '.netlify/functions', 'netlify/out'])(
  'the output directory %s is none of the functions',
  async (out) => {
    await using project = await temporaryProject(site);
    const options = { projectDirectory: project.directory, outputDirectory: out, cache: false };
    expect((await build(options)).functions).toHaveLength(1);
  },
);
