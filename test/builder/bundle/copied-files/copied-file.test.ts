import { chmod } from 'node:fs/promises';
import path from 'node:path';
import dedent from 'dedent';
import { expect, test } from 'vitest';
import type { Bundle } from '../../../../src/builder/bundle/contract/bundle.ts';
import { build } from '../../../../src/builder/pipeline.ts';
import { clockHasMoved } from '../../cache/support/cached-function.ts';
import { temporaryProject } from '../../support/temporary-project.ts';
import { BundleRig, bundleOf, filesOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

/** A program whose extension does not tell that it is one; the mode of its file has to. */
const program = '#!/bin/sh\necho "ran $0" | sed "s@ .*/@ @"\n';

/** A function that executes a file of its project and responds with the output. */
function executing(location: string): string {
  return dedent`
    import { execFileSync } from 'node:child_process';
    import path from 'node:path';
    ${answer(`execFileSync(${location}).toString().trim()`)}
  `;
}

function modesOf(bundle: Bundle): Readonly<Record<string, string>> {
  return Object.fromEntries(
    filesOf(bundle).map(({ path: file, mode }) => [file, mode.toString(8)]),
  );
}

test('an executable file stays executable when its path is a literal', async () => {
  await using rig = await BundleRig.create({
    'functions/tool.cfg': program,
    'functions/data.cfg': 'data',
    'functions/f.mjs': dedent`
      import { readFileSync } from 'node:fs';
      const data = readFileSync(path.join(import.meta.dirname, 'data.cfg'), 'utf8');
      ${executing("path.join(import.meta.dirname, 'tool.cfg')")}
    `,
  });
  await chmod(path.join(rig.project, 'functions/tool.cfg'), 0o744);
  const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
  expect(modesOf(bundle)).toMatchObject({
    'functions/data.cfg': '644',
    'functions/tool.cfg': '755',
  });
  expect(await rig.call(bundle)).toBe('ran tool.cfg');
});

test('an executable file stays executable when includedFiles lists it, also through links', async () => {
  await using rig = await BundleRig.create(
    {
      'tools/real/run.cfg': program,
      'functions/f.mjs': executing("'./tools/linked-directory/linked.cfg'"),
    },
    { 'tools/real/linked.cfg': 'run.cfg', 'tools/linked-directory': 'real' },
  );
  await chmod(path.join(rig.project, 'tools/real/run.cfg'), 0o755);
  const bundle = bundleOf(
    await rig.bundle('functions/f.mjs', { includedFiles: ['tools/linked-directory/*'] }),
  );
  expect(modesOf(bundle)).toMatchObject({
    'tools/linked-directory/linked.cfg': '755',
    'tools/linked-directory/run.cfg': '755',
  });
  expect(await rig.call(bundle)).toBe('ran linked.cfg');
});

test('a script without its mode is recognized by its first line', async () => {
  await using rig = await BundleRig.create({
    'bin/run': program,
    'bin/notes': 'Notes are not a program.',
    'functions/f.mjs': executing("'./bin/run'"),
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mjs', { includedFiles: ['bin/*'] }));
  expect(modesOf(bundle)).toMatchObject({ 'bin/notes': '644', 'bin/run': '755' });
  expect(await rig.call(bundle)).toBe('ran run');
});

test('a module that the function executes by its path stays executable', async () => {
  await using rig = await BundleRig.create({
    'functions/lib/say.mjs': `#!/usr/bin/env -S ${process.execPath}\nconsole.log('said');\n`,
    'functions/f.mjs': executing("path.join(import.meta.dirname, 'lib/say.mjs')"),
  });
  await chmod(path.join(rig.project, 'functions/lib/say.mjs'), 0o755);
  const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
  expect(await rig.call(bundle)).toBe('said');
});

test('a script of a kept package stays executable whatever its extension', async () => {
  await using rig = await BundleRig.create({
    'node_modules/tool/package.json': '{"name":"tool","main":"index.js"}',
    'node_modules/tool/index.js': dedent`
      const path = require('path');
      const { execFileSync } = require('child_process');
      exports.run = () => execFileSync(path.join(__dirname, 'bin/tool.js')).toString();
    `,
    'node_modules/tool/bin/tool.js': `#!/usr/bin/env -S ${process.execPath}\nconsole.log('ran');\n`,
    'functions/f.mjs': `import tool from 'tool';\n${answer('tool.run().trim()')}`,
  });
  await chmod(path.join(rig.project, 'node_modules/tool/bin/tool.js'), 0o755);
  const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
  expect(modesOf(bundle)).toMatchObject({
    'node_modules/tool/bin/tool.js': '755',
    'node_modules/tool/index.js': '644',
  });
  expect(await rig.call(bundle)).toBe('ran');
});

test('a chmod alone makes another artifact', async () => {
  await using project = await temporaryProject({
    'netlify.toml': '[functions]\nincluded_files = ["tool.cfg"]\n',
    'tool.cfg': program,
    'netlify/functions/f.mjs': answer('1'),
  });
  const target = { platform: 'linux', arch: 'x64', libc: 'glibc' } as const;
  await clockHasMoved(project);
  const digests: (string | undefined)[] = [];
  for (const mode of [0o644, 0o755, 0o775]) {
    await chmod(project.path('tool.cfg'), mode);
    await clockHasMoved(project);
    const { functions } = await build({ projectDirectory: project.directory, target });
    digests.push(functions[0]?.record.artifact.contentDigest);
  }
  expect(digests[1]).not.toBe(digests[0]);
  expect(digests[2]).toBe(digests[1]);
});
