import { readFile, rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { pack } from '../../../src/builder/pack/pack.ts';
import { ReadyFiles } from '../../../src/builder/pack/ready-files.ts';
import { temporaryProject } from '../support/temporary-project.ts';
import { bundleOf, textFile } from './support/bundles.ts';

const library = 'machine code '.repeat(200_000);

test('a file is read and deflated once for all zips of a build, which are as if packed alone', async () => {
  await using project = await temporaryProject({ 'library.node': library, 'small.js': 'x' });
  const readyFiles = new ReadyFiles();
  const packAs = (name: string, known?: ReadyFiles): ReturnType<typeof pack> =>
    pack(
      bundleOf([
        textFile('f.mjs', `// ${name}`),
        ...['library.node', 'small.js'].map((path) => ({
          path: `node_modules/p/${path}`,
          mode: 0o644 as const,
          content: { copyFrom: project.path(path) },
        })),
      ]),
      { name, outputDirectory: project.path('out'), readyFiles: known },
    );
  const alone = [await packAs('a'), await packAs('b'), await packAs('c')];
  const together = [await packAs('a', readyFiles)];
  await writeFile(project.path('library.node'), 'x'.repeat(library.length));
  together.push(...(await Promise.all([packAs('b', readyFiles), packAs('c', readyFiles)])));
  expect(together).toStrictEqual(alone);
});

test('a file is deflated again when the zip that has it is gone', async () => {
  await using project = await temporaryProject({ 'library.node': library });
  const readyFiles = new ReadyFiles();
  const content = { copyFrom: project.path('library.node') };
  const packAs = (name: string): ReturnType<typeof pack> =>
    pack(bundleOf([{ path: 'library.node', mode: 0o644, content }]), {
      name,
      outputDirectory: project.path('out'),
      readyFiles,
    });
  const first = await packAs('a');
  const zip = await readFile(project.path('out/a.zip'));
  await rm(project.path('out/a.zip'));
  expect(await packAs('b')).toStrictEqual({ ...first, file: 'b.zip' });
  expect(await readFile(project.path('out/b.zip'))).toStrictEqual(zip);
});
