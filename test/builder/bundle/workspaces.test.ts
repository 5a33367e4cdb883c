import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from './support/bundle-rig.ts';

const run = promisify(execFile);

/**
 * Returns the site's package.json. `shared` is the version in which the site asks for the package
 * of its workspace.
 */
function sitePackage(shared: string): string {
  return JSON.stringify({
    name: 'site',
    version: '1.0.0',
    private: true,
    dependencies: { '@acme/shared': shared, reader: 'file:../../vendor/reader' },
  });
}

/**
 * A site, a package of its workspace, and packages that are installed from directories, so that
 * nothing is fetched over the network.
 */
const files = {
  'package.json': '{"name":"root","private":true,"workspaces":["apps/*","packages/*"]}',
  'pnpm-workspace.yaml': dedent`
    packages:
      - apps/*
      - packages/*
  `,
  'apps/site/package.json': sitePackage('1.0.0'),
  'apps/site/functions/f.mts': dedent`
    import { greet } from '@acme/shared';
    import reader from 'reader';
    export default async () => new Response(greet('you') + reader);
  `,
  'packages/shared/package.json': JSON.stringify({
    name: '@acme/shared',
    version: '1.0.0',
    type: 'module',
    exports: './src/index.ts',
    dependencies: { plain: 'file:../../vendor/plain' },
  }),
  'packages/shared/src/index.ts': dedent`
    import { readFileSync } from 'node:fs';
    import plain from 'plain';
    const mark = readFileSync(new URL('../mark.txt', import.meta.url), 'utf8');
    export const greet = (name: string): string => [plain, name, mark].join(' ');
  `,
  'packages/shared/mark.txt': '! ',
  'vendor/plain/package.json': '{"name":"plain","version":"1.0.0","main":"index.js"}',
  'vendor/plain/index.js': `module.exports = 'hello';`,
  'vendor/reader/package.json': '{"name":"reader","version":"1.0.0","main":"index.js"}',
  'vendor/reader/index.js': dedent`
    const fs = require('node:fs');
    module.exports = fs.readFileSync(__dirname + '/data.txt', 'utf8');
  `,
  'vendor/reader/data.txt': 'read',
};

/**
 * Installs the packages and bundles the site; returns the function's response, called where neither
 * the site nor its packages can be found, and the paths in the artifact.
 */
async function answerAfter(
  install: (directory: string) => Promise<unknown>,
  changes: Readonly<Record<string, string>> = {},
): Promise<readonly [answer: string, paths: readonly string[]]> {
  await using rig = await BundleRig.create({ ...files, ...changes });
  await install(rig.project);
  const bundle = bundleOf(
    await rig.bundle(
      'apps/site/functions/f.mts',
      {},
      { projectDirectory: await realpath(path.join(rig.project, 'apps/site')) },
    ),
  );
  return [await rig.call(bundle), pathsOf(bundle)];
}

describe('a function that uses a package of its workspace is built when all packages were', () => {
  test('installed by npm', async () => {
    const [answer] = await answerAfter((cwd) =>
      run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--install-links=true'], {
        cwd,
      }),
    );
    expect(answer).toBe('hello you ! read');
  });

  test('installed by npm as links to directories', async () => {
    const [answer] = await answerAfter((cwd) =>
      run('npm', ['install', '--offline', '--no-audit', '--no-fund'], { cwd }),
    );
    expect(answer).toBe('hello you ! read');
  });

  /** Path of pnpm.cjs, from `npm install --prefix <directory> pnpm`. */
  const pnpm = process.env['BGFN_PNPM'] ?? '';

  test.skipIf(!existsSync(pnpm))('installed by pnpm (skipped without BGFN_PNPM)', async () => {
    const linked = {
      'apps/site/package.json': sitePackage('workspace:*'),
    };
    const [answer, paths] = await answerAfter(
      (cwd) =>
        run(
          process.execPath,
          [pnpm, 'install', '--offline', '--store-dir', path.join(cwd, '.store')],
          { cwd },
        ),
      linked,
    );
    expect(answer).toBe('hello you ! read');
    expect(paths.filter((file) => file.includes('.pnpm'))).toEqual([]);
  });

  /**
   * Path of the yarn.js of version 1, from `npm install --prefix <directory> yarn`. It writes
   * node_modules as later versions do with `nodeLinker: node-modules`.
   */
  const yarn = process.env['BGFN_YARN'] ?? '';

  test.skipIf(!existsSync(yarn))('installed by yarn (skipped without BGFN_YARN)', async () => {
    const [answer] = await answerAfter((cwd) =>
      run(
        process.execPath,
        [yarn, 'install', '--offline', '--cache-folder', path.join(cwd, '.cache')],
        { cwd },
      ),
    );
    expect(answer).toBe('hello you ! read');
  });

  /** Path of the yarn.js of version 4, from `npm install --prefix <directory> @yarnpkg/cli-dist`. */
  const yarn4 = process.env['BGFN_YARN4'] ?? '';
  const withLinker = (linker: string) => ({
    '.yarnrc.yml': dedent`
      nodeLinker: ${linker}
      enableTelemetry: false
      enableNetwork: false
      enableGlobalCache: false
    `,
    'yarn.lock': '',
    'apps/site/package.json': sitePackage('workspace:*'),
  });
  const install = (cwd: string) =>
    run(process.execPath, [yarn4, 'install', '--no-immutable'], { cwd });

  test.skipIf(!existsSync(yarn4)).each(['node-modules', 'pnpm'])(
    'installed by yarn 4 with its %s linker (skipped without BGFN_YARN4)',
    async (linker) => {
      const [answer, paths] = await answerAfter(install, withLinker(linker));
      expect(answer).toBe('hello you ! read');
      expect(paths.filter((file) => file.includes('.store'))).toEqual([]);
    },
  );

  test.skipIf(!existsSync(yarn4))(
    "a site installed by yarn 4 with Plug'n'Play is refused with a hint (skipped without BGFN_YARN4)",
    async () => {
      await using rig = await BundleRig.create({ ...files, ...withLinker('pnp') });
      await install(rig.project);
      const outcome = await rig.bundle(
        'apps/site/functions/f.mts',
        {},
        { projectDirectory: await realpath(path.join(rig.project, 'apps/site')) },
      );
      expect(outcome).toMatchObject({
        ok: false,
        diagnostics: [
          {
            severity: 'error',
            code: 'PLUG_AND_PLAY',
            message: expect.stringContaining('nodeLinker: node-modules'),
          },
        ],
      });
    },
  );
});
