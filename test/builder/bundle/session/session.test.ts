import path from 'node:path';
import dedent from 'dedent';
import { expect, test } from 'vitest';
import {
  createBundleSession,
  type BundleSession,
} from '../../../../src/builder/bundle/session/session.ts';
import { build } from '../../../../src/builder/pipeline.ts';
import type { BuildOptions } from '../../../../src/builder/settings.ts';
import { temporaryProject, type TemporaryProject } from '../../support/temporary-project.ts';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';

const entry = 'node_modules/dep/index.js';

/** A function with one package, which can be part of one file. */
const bundled = {
  'netlify/functions/f.mjs': dedent`
    import dep from 'dep';
    export default () => new Response(dep.text);
  `,
  'node_modules/dep/package.json': '{"name":"dep","version":"1.0.0","main":"index.js"}',
  [entry]: `exports.text = 'bundled';`,
};

/** Another version of the package. It reads a file beside itself, so it has to stay a directory. */
const external = {
  'node_modules/dep/package.json': '{"name":"dep","version":"2.0.0","main":"index.js"}',
  [entry]: `exports.text = require('fs').readFileSync(__dirname + '/text.txt', 'utf8');`,
  'node_modules/dep/text.txt': 'external',
};

/** Builds the project; returns whether the package became part of the function's file. */
async function buildOnce(project: TemporaryProject, options: BuildOptions = {}): Promise<boolean> {
  const { functions } = await build({
    projectDirectory: project.directory,
    target: { platform: 'linux', arch: 'x64', libc: 'glibc' },
    cache: false,
    ...options,
  });
  return functions.some(({ parts }) => parts.some(({ source }) => source === entry));
}

test('a build reads a package again, whatever an earlier build of the same process has read', async () => {
  await using project = await temporaryProject(bundled);
  expect(await buildOnce(project)).toBe(true);
  await project.write(external);
  expect(await buildOnce(project)).toBe(false);
  await project.write(bundled);
  expect(await buildOnce(project)).toBe(true);
});

test('a build that begins while another build runs reads the files that changed in between', async () => {
  await using project = await temporaryProject(bundled);
  const { promise: second, resolve } = Promise.withResolvers<boolean>();
  const first = await buildOnce(project, {
    onEvent: ({ type }) => {
      if (type !== 'function-finished') return;
      resolve(
        project.write(external).then(() => buildOnce(project, { outputDirectory: 'second' })),
      );
    },
  });
  expect([first, await second]).toEqual([true, false]);
});

test('a session keeps what it has read when files change and another session reads them', async () => {
  await using rig = await BundleRig.create(bundled);
  const keepsDirectory = async (session: BundleSession): Promise<boolean> =>
    pathsOf(bundleOf(await rig.bundle('netlify/functions/f.mjs', {}, {}, session))).includes(entry);
  const versionIn = ({ packages }: BundleSession): string | undefined =>
    packages.ownerOf(path.join(rig.project, entry))?.json.version;

  const earlier = createBundleSession();
  expect([await keepsDirectory(earlier), versionIn(earlier)]).toEqual([false, '1.0.0']);
  await rig.write(external);
  const later = createBundleSession();
  expect([await keepsDirectory(later), versionIn(later)]).toEqual([true, '2.0.0']);
  expect([await keepsDirectory(earlier), versionIn(earlier)]).toEqual([false, '1.0.0']);
});
