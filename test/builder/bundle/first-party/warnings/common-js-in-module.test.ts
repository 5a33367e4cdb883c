import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { Bundle } from '../../../../../src/builder/bundle/contract/bundle.ts';
import type { Outcome } from '../../../../../src/diagnostic/outcome.ts';
import { BundleRig, bundleOf } from '../../support/bundle-rig.ts';

const handler = `async () => ({ statusCode: 200, body: 'called' })`;
const assigned = `exports.handler = ${handler};\n`;
const whole = `module.exports = { handler: ${handler} };\n`;

async function bundleOne(
  file: string,
  source: string,
  type: 'module' | 'commonjs' = 'commonjs',
): Promise<{ readonly rig: BundleRig; readonly outcome: Outcome<Bundle> }> {
  const rig = await BundleRig.create({
    'package.json': JSON.stringify({ type }),
    [`netlify/functions/${file}`]: source,
  });
  return { rig, outcome: await rig.bundle(`netlify/functions/${file}`) };
}

describe('exports of CommonJS in an ES module', () => {
  test.each([
    ['a.js', assigned, 'module', /package\.json/, /`export const handler = …`.*a\.cjs/],
    ['a.ts', assigned, 'module', /package\.json/, /`export const handler = …`.*a\.cts/],
    ['a.mjs', assigned, 'commonjs', /file name ends in "\.mjs"/, /a\.cjs/],
    ['a.mts', whole, 'commonjs', /file name ends in "\.mts"/, /`export const handler.*a\.cts/],
    [
      'a.js',
      `await 1;\n${assigned}`,
      'commonjs',
      /"await" keyword/,
      /^Write `export const handler = …`\.$/,
    ],
    [
      'a.ts',
      `export {};\n${assigned}`,
      'commonjs',
      /"export" keyword in it/,
      /^Write `export const h/,
    ],
    [
      'a.js',
      `export const x = 1;\n${whole}`,
      'commonjs',
      /"export" keyword in it/,
      /^Write `export const h/,
    ],
    [
      'a.ts',
      `export default async () => new Response('');\nexports.config = { path: '/a' };\n`,
      'commonjs',
      /"export" keyword/,
      /^Write `export const config = …`\.$/,
    ],
  ] as const)('%s %j (%s) is an error with the mend', async (file, source, type, why, mend) => {
    const { rig, outcome } = await bundleOne(file, source, type);
    await using _ = rig;
    expect(outcome).toMatchObject({
      ok: false,
      diagnostics: [
        {
          severity: 'error',
          code: 'COMMONJS_IN_MODULE',
          message: expect.stringMatching(why),
          hint: expect.stringMatching(mend),
          location: { line: source.split('\n').length - 1, column: 1 },
        },
      ],
    });
  });

  test.each([
    ['a.js', assigned],
    ['a.ts', whole],
    ['a.cjs', assigned],
    [
      'a.js',
      `import os from 'node:os';\nexports.handler = async () => ({ body: os.EOL && 'called' });\n`,
    ],
    [
      'a.ts',
      `import os from 'node:os';\nmodule.exports.handler = async () => ({ body: os.EOL && 'called' });\n`,
    ],
    ['a.ts', `import type { X } from './x.ts';\n${assigned}`],
    ['a.js', `console.error(import.meta.url);\n${assigned}`],
    ['a.mjs', `const exports = {};\n${assigned}export const handler = exports.handler;\n`],
    [
      'a.mjs',
      `export const handler = ${handler};\nif (typeof module !== 'undefined') module.exports = { handler };\n`,
    ],
    [
      'a.mjs',
      `export const handler = ${handler};\ntypeof exports === 'object' && (exports.handler = handler);\n`,
    ],
    [
      'a.mjs',
      `export const handler = ${handler};\ntry { module.exports = { handler }; } catch {}\n`,
    ],
  ])('%s %j works, without a word', async (file, source) => {
    const { rig, outcome } = await bundleOne(file, source);
    await using _ = rig;
    const bundle = bundleOf(outcome);
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toBe('called');
  });

  test.each([
    ['an export', 'a.mjs', `export const handler = ${handler};\n`],
    ['another name', 'a.cjs', assigned],
  ])('is mended by %s', async (_mend, file, source) => {
    await using rig = await BundleRig.create({ 'f/a.mjs': assigned });
    expect(await rig.bundle('f/a.mjs')).toMatchObject({ ok: false });
    await rm(`${rig.project}/f/a.mjs`);
    await rig.write({ [`f/${file}`]: source });
    expect(await rig.call(bundleOf(await rig.bundle(`f/${file}`)))).toBe('called');
  });

  test('is an error in a file that the function imports, and a warning in one it may load later', async () => {
    await using rig = await BundleRig.create({
      'lib/x.mjs': 'exports.x = 1;\n',
      'f/now.mjs': `import * as x from '../lib/x.mjs';\nexport default () => Response.json(x);\n`,
      'f/later.mjs': `export default async () => Response.json(await import('../lib/x.mjs'));\n`,
      'f/inside.mjs': `export default async () => { exports.y = 1; };\n`,
    });
    expect(await rig.bundle('f/now.mjs')).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'COMMONJS_IN_MODULE', hint: expect.stringMatching(/x\.cjs/) }],
    });
    for (const file of ['f/later.mjs', 'f/inside.mjs']) {
      expect(bundleOf(await rig.bundle(file)).warnings).toMatchObject([
        { severity: 'warning', code: 'ESBUILD_COMMONJS_VARIABLE_IN_ESM' },
      ]);
    }
  });
});
