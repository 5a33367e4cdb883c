import { expect, test } from 'vitest';
import { analyze, groupByPackage } from '../../../src/builder/analyze/analyze.ts';
import { treemapPage } from '../../../src/builder/analyze/treemap-page.ts';
import { build } from '../../../src/builder/pipeline.ts';
import { temporaryProject } from '../support/temporary-project.ts';

test('the parts of an artifact add up to its size, and each part has a reason', async () => {
  await using project = await temporaryProject({
    'netlify/functions/f.ts': `import dep from 'dep';\nimport { own } from '../../lib/own.ts';\nexport default () => Response.json([dep, own]);\n`,
    'lib/own.ts': `export const own = 'own text';\n`,
    'node_modules/dep/index.js': `export default 'text of the dependency';\n`,
    'node_modules/dep/package.json':
      '{"name":"dep","version":"1.0.0","type":"module","main":"index.js"}',
  });
  const result = await build({ projectDirectory: project.directory });
  const [analyzed] = await analyze(result);
  const parts = new Map(analyzed!.parts.map((part) => [part.path, part]));
  expect(parts.get('lib/own.ts')?.reason).toBe('imported by netlify/functions/f.ts');
  expect(parts.get('node_modules/dep/index.js')?.reason).toBe('imported by netlify/functions/f.ts');
  expect(parts.get('netlify/functions/f.ts')?.reason).toBe('the function');
  expect(analyzed!.parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(
    result.functions[0]?.unzippedSize,
  );
});

test('the files of a package are one part, with the reason why the package is there', () => {
  expect(
    groupByPackage([
      {
        path: 'node_modules/@s/p/a.js',
        bytes: 10,
        zippedBytes: 5,
        reason: 'imported by node_modules/@s/p/b.js',
      },
      { path: 'node_modules/@s/p/b.js', bytes: 10, zippedBytes: 5, reason: 'imported by f.ts' },
      { path: 'f.ts', bytes: 3, zippedBytes: 2, reason: 'the function' },
    ]),
  ).toEqual([
    { path: 'node_modules/@s/p', bytes: 20, zippedBytes: 10, reason: 'imported by f.ts' },
    { path: 'f.ts', bytes: 3, zippedBytes: 2, reason: 'the function' },
  ]);
});

test('the page is one file without links, and a path in the data cannot end the script', () => {
  const page = treemapPage([
    {
      name: 'f',
      zipBytes: 1,
      parts: [{ path: '</script><b>', bytes: 1, zippedBytes: 1, reason: '' }],
    },
  ]);
  expect(page).not.toContain('</script><b>');
  expect(page.match(/<\/script>/g)).toHaveLength(1);
  expect(page).not.toMatch(/(?:src|href)=|https?:/);
});
