import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { largestContributors, sizeWarnings } from '../../../src/builder/pack/size-limits.ts';
import { build } from '../../../src/builder/pipeline.ts';
import { maxUnzippedBytes, maxZipBytes } from '../../../src/manifest/schema.ts';
import { temporaryProject } from '../support/temporary-project.ts';

describe('the size limits', () => {
  test('count the files of one npm package together', () => {
    const files = [
      { path: 'f.mjs', bytes: 10 },
      { path: 'node_modules/a/x.js', bytes: 6 },
      { path: 'node_modules/a/y.js', bytes: 7 },
      { path: 'node_modules/@s/b/z.js', bytes: 1 },
      { path: 'node_modules/a/node_modules/c/z.js', bytes: 2 },
    ];
    expect(largestContributors(files, 3)).toEqual([
      { path: 'node_modules/a', bytes: 13 },
      { path: 'f.mjs', bytes: 10 },
      { path: 'node_modules/a/node_modules/c', bytes: 2 },
    ]);
  });

  test('are no error: content that is too large unzipped is a warning with its largest parts', () => {
    const files = [
      { path: 'f.mjs', bytes: 1024 },
      { path: 'node_modules/models/large.bin', bytes: maxUnzippedBytes },
      { path: 'node_modules/models/index.js', bytes: 10 },
    ];
    expect(sizeWarnings('f', 1000, files)).toEqual([
      {
        severity: 'warning',
        code: 'ARTIFACT_TOO_LARGE',
        message:
          'The function "f" holds 250.1 MB unzipped. Netlify and AWS Lambda refuse more than 250.0 MB; bgfn serve runs it.',
        hint: [
          'The largest parts, unzipped:',
          '   250.1 MB  node_modules/models',
          '     0.1 MB  f.mjs',
          'Leave out what the function does not need, for example included_files = ["!node_modules/models/large.bin"], or split the function.',
        ].join('\n'),
        functionName: 'f',
      },
    ]);
    expect(sizeWarnings('f', 1000, [{ path: 'f.mjs', bytes: maxUnzippedBytes }])).toEqual([]);
  });

  test('say for a zip above the limit of an upload how AWS takes it, but not for one of exactly the limit', () => {
    const files = [{ path: 'f.mjs', bytes: maxZipBytes }];
    expect(sizeWarnings('f', maxZipBytes, files)).toEqual([]);
    const [warning] = sizeWarnings('f', maxZipBytes + 1, files);
    expect(warning?.message).toMatch(/is a zip of 50\.1 MB\. Netlify and a direct upload to AWS/);
    expect(warning?.hint).toMatch(/`bgfn package sam`/);
    // Nothing can be left out of the bundled module by a setting.
    expect(warning?.hint).not.toMatch(/included_files/);
    expect(sizeWarnings('f', maxZipBytes + 1, files, true)[0]?.hint).toMatch(
      /Make the zip smaller/,
    );
  });

  test('do not stop a build, and the hint of the warning helps', async () => {
    await using project = await temporaryProject({
      'node_modules/models/package.json': '{ "name": "models", "version": "1.0.0" }',
      'node_modules/models/index.js': `const { existsSync } = require('node:fs');\nexports.has = existsSync(__dirname + '/large.bin');\n`,
      'node_modules/models/large.bin': randomBytes(maxZipBytes + 1),
      'netlify/functions/big.mts': `import { has } from 'models';\nexport default () => new Response(String(has));\n`,
      'netlify/functions/small.mts': `export default () => new Response('small');\n`,
    });
    const options = { projectDirectory: project.directory, cache: false } as const;
    const { manifest, warnings } = await build(options);
    expect(manifest.functions.map(({ name }) => name)).toEqual(['big', 'small']);
    expect(manifest.functions[0]?.artifact.unzippedSize).toBeGreaterThan(maxZipBytes);
    expect(warnings).toMatchObject([{ code: 'ARTIFACT_TOO_LARGE', functionName: 'big' }]);
    const [entry = ''] = /included_files = \[.*\]/.exec(warnings[0]?.hint ?? '') ?? [];
    await project.write({ 'netlify.toml': `[functions.big]\n${entry}\n` });
    const mended = await build(options);
    expect(mended.warnings).toEqual([]);
    expect(mended.manifest.functions[0]?.artifact.size).toBeLessThan(10_000);
  });
});
