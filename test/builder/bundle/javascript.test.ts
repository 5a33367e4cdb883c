import path from 'node:path';
import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { BundleRig, bundleOf, filesOf, pathsOf, textOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

describe('one file is made of', () => {
  test('a v2 function in TypeScript with a tsconfig path, JSON, top-level await and require in ESM', async () => {
    await using rig = await BundleRig.create({
      'package.json': '{"type":"module"}',
      'tsconfig.json': '{"extends":"./base.json"}',
      'base.json': '{"compilerOptions":{"paths":{"#lib/*":["./lib/*"]}}}',
      'lib/a.ts': 'export const a: number = await Promise.resolve(1);',
      'lib/b.cjs': 'exports.b = 2;',
      'data.json': '{"c":3}',
      'functions/f.mts': dedent`
        import { a } from '#lib/a';
        import data from '../data.json' with { type: 'json' };
        const { b } = require('../lib/b.cjs');
        ${answer('[a, b, data.c]')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mts'));
    expect(pathsOf(bundle)).toEqual(['___netlify-entry-point.mjs', 'bgfn-adapter.mjs', 'f.mjs']);
    expect(bundle.inputs.map((file) => path.relative(rig.project, file))).toEqual([
      'base.json',
      'data.json',
      'functions/f.mts',
      'lib/a.ts',
      'lib/b.cjs',
      'package.json',
      'tsconfig.json',
    ]);
    expect(await rig.call(bundle)).toBe('1,2,3');
  });

  test('a v1 function in CommonJS that uses an ESM-only package', async () => {
    await using rig = await BundleRig.create({
      'node_modules/esm-only/package.json':
        '{"name":"esm-only","type":"module","exports":"./index.js"}',
      'node_modules/esm-only/index.js': 'export const value = 7;',
      'functions/f.js': dedent`
        const { value } = require('esm-only');
        exports.handler = async () => ({ statusCode: 200, body: String(value) });
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.js')))).toBe('7');
  });

  test('a function whose package names an optional package that is not installed', async () => {
    await using rig = await BundleRig.create({
      'node_modules/driver/package.json': '{"name":"driver","main":"index.js"}',
      'node_modules/driver/index.js': dedent`
        exports.native = () => require('absent-accelerator');
        exports.plain = () => 'plain';
      `,
      'functions/f.mjs': dedent`
        import driver from 'driver';
        ${answer('driver.plain()')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(bundle.warnings).toEqual([]);
    expect(await rig.call(bundle)).toBe('plain');
  });

  test('a function in any directory, with the same bytes', async () => {
    const files = {
      'lib/read.cjs': dedent`
        const fs = require('fs');
        const path = require('path');
        exports.text = () => fs.readFileSync(path.join(__dirname, 'note.txt'), 'utf8');
      `,
      'lib/note.txt': 'note',
      'functions/f.mts': dedent`
        import { text } from '../lib/read.cjs';
        ${answer('text()')}
      `,
    };
    await using one = await BundleRig.create(files);
    await using two = await BundleRig.create(files);
    const [a, b] = [
      bundleOf(await one.bundle('functions/f.mts', {}, { sourcemap: true })),
      bundleOf(await two.bundle('functions/f.mts', {}, { sourcemap: true })),
    ];
    expect(pathsOf(a)).toEqual([
      '___netlify-entry-point.mjs',
      'bgfn-adapter.mjs',
      'f.mjs',
      'f.mjs.map',
      'lib/note.txt',
    ]);
    expect(textOf(a, 'f.mjs')).toBe(textOf(b, 'f.mjs'));
    expect(textOf(a, 'f.mjs.map')).toBe(textOf(b, 'f.mjs.map'));
    expect(textOf(a, 'f.mjs.map')).not.toContain(one.root);
    expect(JSON.parse(textOf(a, 'f.mjs.map')).sources).toContain('functions/f.mts');
    expect(await one.call(a)).toBe('note');
  });
});

describe('the artifact contains', () => {
  test('files that first-party code reads by literal paths, however the path is built', async () => {
    await using rig = await BundleRig.create({
      'functions/f.mts': dedent`
        import { readFileSync } from 'node:fs';
        import { createRequire } from 'node:module';
        import path from 'node:path';
        import { fileURLToPath } from 'node:url';
        const here = path.dirname(fileURLToPath(import.meta.url));
        const own = createRequire(import.meta.url);
        const read = (file: string | URL) => readFileSync(file, 'utf8');
        const texts = () => [
          read(new URL('./a.txt', import.meta.url)),
          read(path.join(here, 'b.txt')),
          read(path.join(process.cwd(), 'data/c.txt')),
          readFileSync('data/d.txt', 'utf8'),
          own('./e.json').e,
          read(import.meta.dirname + '/g.txt'),
        ];
        ${answer('texts()')}
      `,
      'functions/a.txt': 'a',
      'functions/b.txt': 'b',
      'functions/e.json': '{"e":"e"}',
      'functions/g.txt': 'g',
      'data/c.txt': 'c',
      'data/d.txt': 'd',
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mts'));
    expect(pathsOf(bundle)).toEqual([
      '___netlify-entry-point.mjs',
      'bgfn-adapter.mjs',
      'data/c.txt',
      'data/d.txt',
      'f.mjs',
      'functions/a.txt',
      'functions/b.txt',
      'functions/e.json',
      'functions/g.txt',
    ]);
    expect(await rig.call(bundle)).toBe('a,b,c,d,e,g');
  });

  test('a worker, bundled with its own packages and files', async () => {
    await using rig = await BundleRig.create({
      'node_modules/dep/package.json': '{"name":"dep","main":"index.js"}',
      'node_modules/dep/index.js': `exports.value = 'dep';`,
      'lib/work.mjs': dedent`
        import { parentPort } from 'node:worker_threads';
        import { readFileSync } from 'node:fs';
        import dep from 'dep';
        const text = readFileSync(new URL('./w.txt', import.meta.url), 'utf8');
        parentPort.postMessage(dep.value + text);
      `,
      'lib/w.txt': '!',
      'functions/f.mjs': dedent`
        import { once } from 'node:events';
        import { Worker } from 'node:worker_threads';
        const run = async () => {
          const worker = new Worker(new URL('../lib/work.mjs', import.meta.url));
          const [message] = await once(worker, 'message');
          return message;
        };
        ${answer('await run()')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle)).toContain('lib/work.mjs');
    expect(await rig.call(bundle)).toBe('dep!');
  });

  test('the files that includedFiles lists, without those that it excludes', async () => {
    await using rig = await BundleRig.create({
      'functions/f.mjs': answer('1'),
      'data/a.txt': 'a',
      'data/b.txt': 'b',
    });
    const bundle = bundleOf(
      await rig.bundle('functions/f.mjs', { includedFiles: ['./data/**', '!data/b.txt'] }),
    );
    expect(pathsOf(bundle)).toEqual(['bgfn-adapter.mjs', 'data/a.txt', 'f.mjs']);
    expect(bundle.inputs).toContain(path.join(rig.project, 'data/a.txt'));
  });
});

describe('a directory in node_modules is kept for', () => {
  test('a package that reads a file beside itself, and for no other package', async () => {
    await using rig = await BundleRig.create({
      'node_modules/reader/package.json': '{"name":"reader","main":"lib/index.js"}',
      'node_modules/reader/lib/index.js': dedent`
        const fs = require('fs');
        const path = require('path');
        exports.text = fs.readFileSync(path.join(__dirname, '../data/x.bin'), 'utf8');
      `,
      'node_modules/reader/data/x.bin': 'data',
      'node_modules/reader/README.md': 'read me',
      'node_modules/plain/package.json': '{"name":"plain","main":"index.js"}',
      'node_modules/plain/index.js': `exports.value = typeof __dirname;`,
      'functions/f.mjs': dedent`
        import reader from 'reader';
        import plain from 'plain';
        ${answer('reader.text + plain.value.length')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle).filter((file) => file.startsWith('node_modules'))).toEqual([
      'node_modules/reader/data/x.bin',
      'node_modules/reader/lib/index.js',
      'node_modules/reader/package.json',
    ]);
    expect(await rig.call(bundle)).toBe('data6');
  });

  test('a package that loads its own modules by a computed path, and for the optional peers it may name', async () => {
    await using rig = await BundleRig.create({
      'node_modules/query/package.json': JSON.stringify({
        name: 'query',
        main: 'index.js',
        peerDependenciesMeta: { driver: { optional: true } },
      }),
      'node_modules/query/index.js': `exports.open = (name) => require('./dialects/' + name);`,
      'node_modules/query/dialects/one.js': dedent`
        const driver = 'driver';
        module.exports = require(driver);
      `,
      'node_modules/driver/package.json': '{"name":"driver","main":"index.js"}',
      'node_modules/driver/index.js': `module.exports = 'driven';`,
      'functions/f.mjs': dedent`
        import query from 'query';
        ${answer(`query.open('one')`)}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('driven');
  });

  test('a declared dependency whose name is passed to a package that loads it', async () => {
    await using rig = await BundleRig.create({
      'package.json': '{"dependencies":{"views":"1","engine":"1"}}',
      'node_modules/views/package.json': '{"name":"views","main":"index.js"}',
      'node_modules/views/index.js': `exports.use = (name) => require(name);`,
      'node_modules/engine/package.json': '{"name":"engine","main":"index.js"}',
      'node_modules/engine/index.js': `module.exports = 'engine';`,
      'functions/f.mjs': dedent`
        import views from 'views';
        ${answer(`views.use('engine')`)}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle).filter((file) => file.startsWith('node_modules/views'))).toEqual([]);
    expect(await rig.call(bundle)).toBe('engine');
  });

  /** Returns a module that reads a file beside itself and shows the given version in its result. */
  const reader = (version: string): string => dedent`
    const fs = require('fs');
    const path = require('path');
    exports.text = fs.readFileSync(path.join(__dirname, 'v.txt'), 'utf8') + '${version}';
  `;

  test('each of two versions of a package, which its own user finds', async () => {
    await using rig = await BundleRig.create({
      'node_modules/dup/package.json': '{"name":"dup","version":"1.0.0","main":"index.js"}',
      'node_modules/dup/index.js': reader('1'),
      'node_modules/dup/v.txt': 'v',
      'node_modules/user/package.json':
        '{"name":"user","main":"index.js","dependencies":{"dup":"2"}}',
      'node_modules/user/index.js': `exports.text = require('dup').text;`,
      'node_modules/user/node_modules/dup/package.json':
        '{"name":"dup","version":"2.0.0","main":"index.js"}',
      'node_modules/user/node_modules/dup/index.js': reader('2'),
      'node_modules/user/node_modules/dup/v.txt': 'v',
      'functions/f.mjs': dedent`
        import dup from 'dup';
        import user from 'user';
        ${answer('dup.text + user.text')}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('v1v2');
  });

  test('packages in a strict layout of pnpm, as real files instead of links', async () => {
    const store = 'node_modules/.pnpm';
    await using rig = await BundleRig.create(
      {
        [`${store}/top@1.0.0/node_modules/top/package.json`]:
          '{"name":"top","version":"1.0.0","main":"index.js","dependencies":{"dup":"2"}}',
        [`${store}/top@1.0.0/node_modules/top/index.js`]: dedent`
          exports.text = __dirname.length > 0 && require('dup').text;
        `,
        [`${store}/dup@1.0.0/node_modules/dup/package.json`]:
          '{"name":"dup","version":"1.0.0","main":"index.js"}',
        [`${store}/dup@1.0.0/node_modules/dup/index.js`]: reader('1'),
        [`${store}/dup@1.0.0/node_modules/dup/v.txt`]: 'v',
        [`${store}/dup@2.0.0/node_modules/dup/package.json`]:
          '{"name":"dup","version":"2.0.0","main":"index.js"}',
        [`${store}/dup@2.0.0/node_modules/dup/index.js`]: reader('2'),
        [`${store}/dup@2.0.0/node_modules/dup/v.txt`]: 'v',
        'functions/f.mjs': dedent`
          import dup from 'dup';
          import top from 'top';
          ${answer('dup.text + top.text')}
        `,
      },
      {
        'node_modules/top': '.pnpm/top@1.0.0/node_modules/top',
        'node_modules/dup': '.pnpm/dup@1.0.0/node_modules/dup',
        [`${store}/top@1.0.0/node_modules/dup`]: '../../dup@2.0.0/node_modules/dup',
      },
    );
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle).filter((file) => file.endsWith('index.js'))).toEqual([
      'node_modules/dup/index.js',
      'node_modules/top/index.js',
      'node_modules/top/node_modules/dup/index.js',
    ]);
    expect(await rig.call(bundle)).toBe('v1v2');
  });

  test('a package in externalNodeModules, and not for one in ignoredNodeModules', async () => {
    await using rig = await BundleRig.create({
      'node_modules/kept/package.json': '{"name":"kept","main":"index.js"}',
      'node_modules/kept/index.js': `exports.value = 1;`,
      'node_modules/layer/package.json': '{"name":"layer","main":"index.js"}',
      'node_modules/layer/index.js': `exports.value = 2;`,
      'functions/f.mjs': dedent`
        import kept from 'kept';
        import layer from 'layer';
        ${answer('kept.value + layer.value')}
      `,
    });
    const bundle = bundleOf(
      await rig.bundle('functions/f.mjs', {
        externalNodeModules: ['kept'],
        ignoredNodeModules: ['layer'],
      }),
    );
    expect(pathsOf(bundle).filter((file) => file.startsWith('node_modules'))).toEqual([
      'node_modules/kept/index.js',
      'node_modules/kept/package.json',
    ]);
    expect(textOf(bundle, 'f.mjs')).toMatch(/from "layer"/);
  });

  test('a package with an executable, whose mode is 755 while other files have 644', async () => {
    await using rig = await BundleRig.create({
      'node_modules/tool/package.json': '{"name":"tool","main":"index.js"}',
      'node_modules/tool/index.js': `exports.bin = require('path').join(__dirname, 'bin/tool');`,
      'node_modules/tool/bin/tool': dedent`
        #!/bin/sh
        echo hi
      `,
      'functions/f.mjs': dedent`
        import tool from 'tool';
        import { execFileSync } from 'node:child_process';
        ${answer('execFileSync(tool.bin)')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(
      Object.fromEntries(filesOf(bundle).map(({ path: file, mode }) => [file, mode.toString(8)])),
    ).toMatchObject({ 'node_modules/tool/bin/tool': '755', 'node_modules/tool/index.js': '644' });
  });
});

describe('the setting nodeBundler', () => {
  const files = {
    'node_modules/dep/package.json': '{"name":"dep","main":"index.js"}',
    'node_modules/dep/index.js': `exports.value = 'dep';`,
    'functions/f.mts': dedent`
      import dep from 'dep';
      ${answer('dep.value')}
    `,
  };

  test('keeps every package as a directory with nft', async () => {
    await using rig = await BundleRig.create(files);
    const bundle = bundleOf(await rig.bundle('functions/f.mts', { nodeBundler: 'nft' }));
    expect(bundle.bundler).toBe('nft');
    expect(pathsOf(bundle)).toContain('node_modules/dep/index.js');
    expect(await rig.call(bundle)).toBe('dep');
  });

  test('leaves all packages out of the artifact with none', async () => {
    await using rig = await BundleRig.create(files);
    const bundle = bundleOf(await rig.bundle('functions/f.mts', { nodeBundler: 'none' }));
    expect(pathsOf(bundle)).not.toContain('node_modules/dep/index.js');
    expect(textOf(bundle, 'f.mjs')).toContain('from "dep"');
  });
});

describe('diagnostics report', () => {
  test('a first-party import that cannot be resolved, with its location and a hint', async () => {
    await using rig = await BundleRig.create({
      'functions/f.mts': dedent`
        const a = 1;
        import x from 'not-there';
        ${answer('x + a')}
      `,
    });
    const outcome = await rig.bundle('functions/f.mts');
    expect(outcome).toMatchObject({
      ok: false,
      diagnostics: [
        {
          severity: 'error',
          code: 'UNRESOLVED_IMPORT',
          hint: expect.stringContaining('npm install not-there'),
          location: { file: path.join(rig.project, 'functions/f.mts'), line: 2, column: 15 },
        },
      ],
    });
  });

  test('a syntax error, with its location', async () => {
    await using rig = await BundleRig.create({ 'functions/f.js': 'const a = ;' });
    expect(await rig.bundle('functions/f.js')).toMatchObject({
      ok: false,
      diagnostics: [{ severity: 'error', location: { line: 1, column: 11 } }],
    });
  });

  test('a secret, and an import whose name is known only at run time', async () => {
    await using rig = await BundleRig.create({
      'functions/f.mts': dedent`
        const key = 'sk_live_0123456789abcdef';
        const load = (name: string) => import(name);
        ${answer('key + load')}
      `,
    });
    expect(bundleOf(await rig.bundle('functions/f.mts')).warnings).toMatchObject([
      { code: 'SECRET_IN_SOURCE', location: { line: 1, column: 13 } },
      { code: 'DYNAMIC_IMPORT', location: { line: 2, column: 39 } },
    ]);
  });

  test('decorator metadata, and a built-in module that no release of Node has', async () => {
    await using rig = await BundleRig.create({
      'tsconfig.json':
        '{"compilerOptions":{"experimentalDecorators":true,"emitDecoratorMetadata":true}}',
      'functions/f.ts': dedent`
        import 'node:warp';
        const d = (target: unknown) => Reflect.get(target as object, 'design:paramtypes');
        @d
        class A { constructor(readonly b: Date) {} }
        ${answer('A.name')}
      `,
    });
    expect(bundleOf(await rig.bundle('functions/f.ts')).warnings).toMatchObject([
      { code: 'DECORATOR_METADATA', location: { line: 3, column: 1 } },
      { code: 'NEWER_BUILTIN', location: { line: 1, column: 9 } },
    ]);
  });

  test('native code for another machine, with the command that installs the right package', async () => {
    const header = Buffer.alloc(128);
    header.writeUInt32LE(0xfe_ed_fa_cf, 0);
    header.writeUInt32LE(0x0100_000c, 4);
    await using rig = await BundleRig.create({
      'node_modules/addon/package.json': '{"name":"addon","main":"index.js"}',
      'node_modules/addon/index.js': `module.exports = require('./addon.node');`,
      'node_modules/addon/addon.node': header,
      'functions/f.mjs': dedent`
        import addon from 'addon';
        ${answer('addon')}
      `,
    });
    expect(await rig.bundle('functions/f.mjs')).toMatchObject({
      ok: false,
      diagnostics: [
        {
          code: 'NATIVE_TARGET',
          message: expect.stringContaining('darwin arm64'),
          hint: expect.stringContaining('npm install --os=linux --cpu=x64 --libc=glibc addon'),
        },
      ],
    });
  });
});
