import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import type { BundleTarget } from '../../../../src/builder/bundle/contract/bundle-options.ts';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

type Files = Record<string, string | Uint8Array>;

function elf(arch: 'x64' | 'arm64', text = ''): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  bytes.writeUInt16LE(arch === 'x64' ? 0x3e : 0xb7, 18);
  bytes.write(text, 64);
  return bytes;
}

function machO(): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32LE(0xfe_ed_fa_cf, 0);
  bytes.writeUInt32LE(0x0100_000c, 4);
  return bytes;
}

function windowsProgram(): Buffer {
  const bytes = Buffer.alloc(256);
  bytes.write('MZ', 0);
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write('PE\0\0', 0x80);
  bytes.writeUInt16LE(0x8664, 0x84);
  return bytes;
}

const musl = elf('x64', 'libc.musl-x86_64.so.1');
const glibc = elf('x64', 'libc.so.6');

/** Returns a package below node_modules. Files of its own have paths relative to the package. */
function installed(name: string, json: object, files: Files): Files {
  const directory = `node_modules/${name}`;
  return {
    [`${directory}/package.json`]: JSON.stringify({ name, version: '1.0.0', ...json }),
    ...Object.fromEntries(
      Object.entries(files).map(([file, content]) => [`${directory}/${file}`, content]),
    ),
  };
}

/** A package whose code picks one of its optional packages by the machine that it runs on. */
const picker = installed(
  'picker',
  {
    main: 'index.js',
    optionalDependencies: {
      'picker-linux-x64-gnu': '1.0.0',
      'picker-linux-x64-musl': '1.0.0',
      'picker-linux-arm64-gnu': '1.0.0',
      'picker-darwin-arm64': '1.0.0',
      'picker-win32-x64': '1.0.0',
    },
  },
  {
    'index.js': dedent`
      const load = (name) => require.resolve(name + '/addon.node');
      const libc = process.report?.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl';
      exports.found = () => load('picker-' + process.platform + '-' + process.arch + '-' + libc);
      exports.others = () => [
        require('picker-linux-x64-musl/addon.node'), require('picker-linux-arm64-gnu/addon.node'),
        require('picker-darwin-arm64/addon.node'), require('picker-win32-x64/addon.node'),
      ];
    `,
  },
);

function member(machine: string, addon: Uint8Array, json: object): Files {
  return installed(`picker-${machine}`, json, { 'addon.node': addon });
}

const linux = { os: ['linux'], cpu: ['x64'] };
const onLinux: BundleTarget = { platform: 'linux', arch: 'x64', libc: 'glibc' };

async function pathsFor(
  files: Files,
  name: string,
  target: BundleTarget = onLinux,
): Promise<readonly string[]> {
  await using rig = await BundleRig.create({
    ...files,
    'functions/f.mjs': `import * as it from '${name}';\n${answer('Object.keys(it)')}`,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mjs', {}, { target }));
  expect(bundle.warnings).toEqual([]);
  return pathsOf(bundle).filter((file) => /node_modules\/.*(?<!\.json|index\.js)$/.test(file));
}

async function findingsFor(files: Files, name: string): Promise<readonly unknown[]> {
  await using rig = await BundleRig.create({
    ...files,
    'functions/f.mjs': `import * as it from '${name}';\n${answer('Object.keys(it)')}`,
  });
  const outcome = await rig.bundle('functions/f.mjs');
  const diagnostics = outcome.ok ? outcome.value.warnings : outcome.diagnostics;
  return diagnostics.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}

describe('of optional packages for several machines', () => {
  test.each<readonly [what: string, members: Files]>([
    [
      'both C libraries',
      {
        ...member('linux-x64-gnu', glibc, { ...linux, libc: ['glibc'] }),
        ...member('linux-x64-musl', musl, { ...linux, libc: ['musl'] }),
      },
    ],
    [
      'both C libraries, of which their package.json does not tell',
      {
        ...member('linux-x64-gnu', glibc, linux),
        ...member('linux-x64-musl', musl, linux),
      },
    ],
    [
      'every machine',
      {
        ...member('linux-x64-gnu', glibc, { ...linux, libc: ['glibc'] }),
        ...member('linux-x64-musl', musl, { ...linux, libc: ['musl'] }),
        ...member('linux-arm64-gnu', elf('arm64'), { os: ['linux'], cpu: ['arm64'] }),
        ...member('darwin-arm64', machO(), { os: ['darwin'], cpu: ['arm64'] }),
        ...member('win32-x64', windowsProgram(), { os: ['win32'], cpu: ['x64'] }),
      },
    ],
  ])('the one that fits is kept, without a word about the others: %s', async (_, members) => {
    const paths = await pathsFor({ ...picker, ...members }, 'picker');
    expect(paths).toEqual(['node_modules/picker-linux-x64-gnu/addon.node']);
  });

  test('another one is kept for another target', async () => {
    const members = {
      ...member('linux-x64-gnu', glibc, linux),
      ...member('linux-x64-musl', musl, linux),
    };
    const paths = await pathsFor({ ...picker, ...members }, 'picker', { ...onLinux, libc: 'musl' });
    expect(paths).toEqual(['node_modules/picker-linux-x64-musl/addon.node']);
  });

  test('only those for other machines are an error, because the code needs one', async () => {
    const members = member('darwin-arm64', machO(), { os: ['darwin'], cpu: ['arm64'] });
    expect(await findingsFor({ ...picker, ...members }, 'picker')).toEqual([
      'error NATIVE_TARGET: picker is installed for darwin arm64, the function runs on linux x64 (glibc).',
    ]);
  });

  test('one that exists for another system only is left out', async () => {
    const files = {
      ...installed(
        'watcher',
        { main: 'index.js', optionalDependencies: { fsevents: '2.0.0' } },
        {
          'index.js': dedent`
            exports.text = require('fs').readFileSync(__dirname + '/data.txt', 'utf8');
            try { exports.events = require('fsevents'); } catch {}
          `,
          'data.txt': 'data',
        },
      ),
      ...installed(
        'fsevents',
        { main: 'index.js', os: ['darwin'] },
        { 'index.js': `module.exports = require('./fsevents.node');`, 'fsevents.node': machO() },
      ),
    };
    expect(await pathsFor(files, 'watcher')).toEqual(['node_modules/watcher/data.txt']);
  });
});

describe('a package is built, and without the machine code of other machines, that', () => {
  const reader = (files: Files, more = ''): Files =>
    installed(
      'tool',
      { main: 'index.js' },
      {
        'index.js': dedent`
        const fs = require('fs');
        const path = require('path');
        exports.text = fs.readFileSync(path.join(__dirname, 'data.txt'), 'utf8');
        ${more}
      `,
        'data.txt': 'data',
        ...files,
      },
    );

  test.each<readonly [what: string, files: Files, more: string]>([
    ['has a helper .exe', { 'bin/helper.exe': windowsProgram() }, ''],
    [
      'runs a helper .exe on Windows',
      { 'bin/helper.exe': windowsProgram() },
      `exports.helper = process.platform === 'win32' && path.join(__dirname, 'bin', 'helper.exe');`,
    ],
    ['has a .dylib', { 'lib/thing.dylib': machO() }, ''],
    [
      'runs a program that it has for another system, whatever the name',
      { 'vendor/helper': machO() },
      `exports.run = () => require('child_process').spawn(path.join(__dirname, 'vendor/helper'));`,
    ],
    [
      'has a program for another CPU',
      { 'bin/arm64/helper': elf('arm64') },
      `exports.helper = path.join(__dirname, 'bin', process.arch, 'helper');`,
    ],
    [
      'loads an addon on Windows only',
      { 'win32/x.node': windowsProgram() },
      `if (process.platform === 'win32') exports.addon = require('./win32/x.node');`,
    ],
    ['has an addon that nothing loads', { 'old/x.node': machO() }, ''],
  ])('%s', async (_, files, more) => {
    expect(await pathsFor(reader(files, more), 'tool')).toEqual(['node_modules/tool/data.txt']);
  });

  test('has prebuilt addons for many machines, of which one fits', async () => {
    const files = installed(
      'tool',
      { main: 'index.js' },
      {
        'index.js': `module.exports = { load: () => require('node-gyp-build')(__dirname) };`,
        'prebuilds/linux-x64/tool.glibc.node': glibc,
        'prebuilds/linux-x64/tool.musl.node': musl,
        'prebuilds/linux-arm64/tool.node': elf('arm64'),
        'prebuilds/darwin-arm64/tool.node': machO(),
        'prebuilds/win32-x64/tool.node': windowsProgram(),
      },
    );
    expect(await pathsFor({ ...files, ...nodeGypBuild }, 'tool')).toEqual([
      'node_modules/tool/prebuilds/linux-x64/tool.glibc.node',
    ]);
  });
});

const nodeGypBuild = installed(
  'node-gyp-build',
  { main: 'index.js' },
  { 'index.js': 'module.exports = () => {};' },
);

describe('a finding tells of a package that', () => {
  test('loads a prebuilt addon, of which none fits', async () => {
    const files = installed(
      'tool',
      { main: 'index.js' },
      {
        'index.js': `module.exports = require('node-gyp-build')(__dirname);`,
        'prebuilds/darwin-arm64/tool.node': machO(),
        'prebuilds/win32-x64/tool.node': windowsProgram(),
      },
    );
    expect(await findingsFor({ ...files, ...nodeGypBuild }, 'tool')).toEqual([
      'error NATIVE_TARGET: tool is installed for darwin arm64, the function runs on linux x64 (glibc).',
    ]);
  });

  test('has the addon of one machine beside code that also knows the target', async () => {
    const files = installed(
      'tool',
      { main: 'index.js' },
      {
        'index.js': dedent`
        const { platform } = process;
        if (platform === 'darwin') module.exports = require('./tool.darwin-arm64.node');
        if (platform === 'linux') module.exports = require('./tool.linux-x64-gnu.node');
      `,
        'tool.darwin-arm64.node': machO(),
      },
    );
    expect(await findingsFor(files, 'tool')).toEqual([
      'error NATIVE_TARGET: tool is installed for darwin arm64, the function runs on linux x64 (glibc).',
    ]);
  });

  test('runs a program that its install script fetched for another machine', async () => {
    const files = installed(
      'tool',
      { main: 'index.js', scripts: { install: 'node install.js' } },
      {
        'index.js': `module.exports = require('path').join(__dirname, 'program');`,
        program: machO(),
      },
    );
    expect(await findingsFor(files, 'tool')).toEqual([
      'warning NATIVE_TARGET: tool is installed for darwin arm64, the function runs on linux x64 (glibc).',
    ]);
  });
});
