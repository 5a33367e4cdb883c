import { describe, expect, it } from 'vitest';
import { adapterModules } from '../../../../../src/builder/adapter-modules.ts';
import type { BundleFile } from '../../../../../src/builder/bundle/contract/bundle.ts';
import { adapterFor } from '../../../../../src/builder/bundle/esbuild/output/adapter-file.ts';

const generated = (text: string): BundleFile => ({
  path: 'a.mjs',
  mode: 0o644,
  content: { bytes: Buffer.from(text) },
});
const copied = (path: string): BundleFile => ({
  path,
  mode: 0o644,
  content: { copyFrom: `/nowhere/${path}` },
});

describe('the adapter of an artifact', () => {
  it.each<[string, BundleFile[], boolean]>([
    ['code that names no event handler', [generated('export default () => new Response()')], false],
    ['code that names an event handler', [generated('export default { userLogin() {} }')], true],
    [
      'code that names an event handler in quotes',
      [generated(`export default { 'deploySucceeded': run }`)],
      true,
    ],
    [
      'a longer word that contains the name of an event handler',
      [generated('const userLoginCount = 1')],
      false,
    ],
    [
      'code beside a package that is kept as files and may have event handlers',
      [generated('export * from "x"'), copied('node_modules/x/index.cjs')],
      true,
    ],
    ['code beside a data file', [generated('read("./a.json")'), copied('a.json')], false],
  ])(
    'dispatches events only if the files may have event handlers: %s',
    async (_what, files, dispatches) => {
      expect((await adapterFor(files, adapterModules())).includes('identity_userdeleted')).toBe(
        dispatches,
      );
    },
  );

  it('stays under 4.5 KB deflated without events, so that a small function is a small artifact', async () => {
    const { deflateRawSync } = await import('node:zlib');
    expect(
      deflateRawSync(await adapterFor([], adapterModules()), { level: 9 }).length,
    ).toBeLessThan(4_500);
  });
});
