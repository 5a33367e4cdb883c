import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

const importing = `import { x } from 'pkg';\n${answer('x')}`;

describe('an addon that an install script has not made', () => {
  const addon = {
    'package-lock.json': '{}',
    'node_modules/native/package.json':
      '{"main":"index.js","scripts":{"install":"node-gyp rebuild"}}',
    'node_modules/bindings/package.json': '{"main":"index.js"}',
    'node_modules/bindings/index.js': `module.exports = () => { throw new Error('not found'); };`,
  };
  const using = `import native from 'native';\n${answer('native.name')}`;

  test('is a warning with the command that runs the script', async () => {
    await using rig = await BundleRig.create({
      ...addon,
      'node_modules/native/index.js': `module.exports = require('bindings')('native');`,
      'functions/f.mjs': using,
    });
    expect(bundleOf(await rig.bundle('functions/f.mjs')).warnings).toMatchObject([
      {
        code: 'INSTALL_INCOMPLETE',
        message: expect.stringMatching(/^node_modules\/native .* its install script has not run/),
        hint: 'Run "npm rebuild native".',
      },
    ]);
  });

  test('is no finding when the package goes on without it', async () => {
    await using rig = await BundleRig.create({
      ...addon,
      'node_modules/native/index.js': `try { module.exports = require('bindings')('native'); } catch { module.exports = { name: 'slow' }; }`,
      'functions/f.mjs': using,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toBe('slow');
  });
});

describe('an import of a package of which a file is missing is told as such', () => {
  test.each([
    [
      'its main file',
      { 'node_modules/pkg/package.json': '{"main":"lib/index.js"}' },
      'lib/index.js',
    ],
    [
      'every file that its exports name',
      {
        'node_modules/pkg/package.json':
          '{"exports":{".":{"types":"./i.d.ts","import":"./i.mjs"}}}',
      },
      'i.mjs',
    ],
    ['package.json', { 'node_modules/pkg/README.md': 'Half a package.' }, 'package.json'],
    ['all but package.json', { 'node_modules/pkg/package.json': '{"name":"pkg"}' }, 'index.js'],
  ])('%s', async (_what, files, missing) => {
    await using rig = await BundleRig.create({
      ...files,
      'package-lock.json': '{}',
      'functions/f.mjs': importing,
    });
    expect(await rig.bundle('functions/f.mjs')).toMatchObject({
      ok: false,
      diagnostics: [
        {
          code: 'INSTALL_INCOMPLETE',
          message: `node_modules/pkg is incompletely installed: ${missing} is missing.`,
          hint: 'Run "npm ci".',
          location: { line: 1 },
        },
      ],
    });
  });

  test('with the command of the package manager', async () => {
    await using rig = await BundleRig.create({
      'node_modules/pkg/package.json': '{"main":"i.js"}',
      'pnpm-lock.yaml': '',
      'functions/f.mjs': importing,
    });
    expect(await rig.bundle('functions/f.mjs')).toMatchObject({
      diagnostics: [{ hint: 'Run "pnpm install --force".' }],
    });
  });

  test('unless it is a workspace package, which has to be built', async () => {
    await using rig = await BundleRig.create(
      {
        'packages/pkg/package.json': '{"name":"pkg","main":"dist/index.js"}',
        'packages/pkg/src/index.ts': 'export const x = 1;',
        'functions/f.mjs': importing,
      },
      { 'node_modules/pkg': '../packages/pkg' },
    );
    expect(await rig.bundle('functions/f.mjs')).toMatchObject({
      ok: false,
      diagnostics: [
        {
          message:
            'node_modules/pkg is not built: dist/index.js, which its package.json names, is missing.',
          hint: 'Build that package before the functions.',
        },
      ],
    });
  });
});

describe('in the code of an installed package', () => {
  const pkg = (code: string, json: object): Readonly<Record<string, string>> => ({
    'node_modules/pkg/package.json': JSON.stringify({ name: 'pkg', main: 'i.js', ...json }),
    'node_modules/pkg/i.js': code,
    'functions/f.mjs': importing,
    'package-lock.json': '{}',
  });
  /** Keeps the package as a directory. */
  const reading = `require('fs').readFileSync(__dirname + '/package.json');\n`;

  test.each([
    ['bundled', ''],
    ['kept', reading],
  ])('a %s package without a dependency that it needs is reported', async (_how, prefix) => {
    await using rig = await BundleRig.create(
      pkg(`${prefix}exports.x = 1; exports.y = () => require('dep/sub').y;`, {
        dependencies: { dep: '1' },
      }),
    );
    const { warnings } = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(warnings).toMatchObject([
      {
        code: 'INSTALL_INCOMPLETE',
        severity: 'warning',
        message: 'node_modules/pkg is incompletely installed: its dependency dep is missing.',
        hint: 'Run "npm ci".',
      },
    ]);
  });

  test.each([
    ['bundled', ''],
    ['kept', reading],
  ])('a %s package without a file that it loads at once is reported', async (_how, prefix) => {
    await using rig = await BundleRig.create(
      pkg(`${prefix}exports.x = require('./lib/value.js').x;`, {}),
    );
    const { warnings } = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(warnings).toMatchObject([
      {
        message:
          'node_modules/pkg is incompletely installed: "./lib/value.js", which its code loads, is missing.',
      },
    ]);
  });

  test.each([
    ['bundled', ''],
    ['kept', reading],
  ])('a dependency of a %s package without its main file is reported', async (_how, prefix) => {
    await using rig = await BundleRig.create({
      ...pkg(`${prefix}exports.x = 1; exports.y = () => require('dep').y;`, {}),
      'node_modules/dep/package.json': '{"name":"dep","main":"dist/dep.js"}',
    });
    const { warnings } = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(warnings).toMatchObject([
      { message: 'node_modules/dep is incompletely installed: dist/dep.js is missing.' },
    ]);
  });

  test.each([
    ['optional', { optionalDependencies: { dep: '1' }, dependencies: { dep: '1' } }],
    [
      'an optional peer',
      { peerDependencies: { dep: '1' }, peerDependenciesMeta: { dep: { optional: true } } },
    ],
    ['a peer', { peerDependencies: { dep: '1' } }],
    ['not declared', {}],
  ])('a dependency that is %s may be missing', async (_kind, json) => {
    for (const prefix of ['', reading]) {
      await using rig = await BundleRig.create(
        pkg(
          dedent`
            ${prefix}exports.x = 1;
            exports.y = () => require('dep').y;
            try { require('dep/fast'); } catch {}
            if (exports.x > 1) require('./not-published.js');
          `,
          json,
        ),
      );
      expect(bundleOf(await rig.bundle('functions/f.mjs')).warnings).toEqual([]);
    }
  });

  test('a package that the author keeps outside is reported, too', async () => {
    await using rig = await BundleRig.create(
      pkg('exports.x = 1; exports.y = () => require("dep").y;', { dependencies: { dep: '1' } }),
    );
    const outcome = await rig.bundle('functions/f.mjs', { externalNodeModules: ['pkg'] });
    expect(bundleOf(outcome).warnings).toMatchObject([
      {
        message: 'node_modules/pkg is incompletely installed: its dependency dep is missing.',
        location: { line: 1, column: 42, length: 5 },
      },
    ]);
  });
});
