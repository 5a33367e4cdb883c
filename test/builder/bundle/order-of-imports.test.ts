import dedent from 'dedent';
import { describe, expect, test } from 'vitest';
import { createBundleSession } from '../../../src/builder/bundle/session/session.ts';
import { BundleRig, bundleOf, pathsOf, textOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

/** Appends a name to the list of evaluated modules. */
const evaluated = (name: string): string => `(globalThis.order ??= []).push('${name}');`;

/** Returns a CommonJS package that has to stay a directory. */
function keptCommonJs(name: string): Record<string, string> {
  return {
    [`node_modules/${name}/package.json`]: `{"name":"${name}","main":"index.js"}`,
    [`node_modules/${name}/index.js`]: dedent`
      ${evaluated(name)}
      const { readFileSync } = require('fs');
      exports.text = readFileSync(require('path').join(__dirname, 'data.txt'), 'utf8');
      exports.mode = process.env.MODE;
    `,
    [`node_modules/${name}/data.txt`]: 'data',
  };
}

/** Returns an ES module package that has to stay a directory. */
function keptModule(name: string, more = ''): Record<string, string> {
  return {
    [`node_modules/${name}/package.json`]: `{"name":"${name}","type":"module","exports":{"import":"./index.js"}}`,
    [`node_modules/${name}/index.js`]: dedent`
      import { readFileSync } from 'node:fs';
      ${evaluated(name)}
      export const text = readFileSync(new URL('./data.txt', import.meta.url), 'utf8');
      export const mode = process.env.MODE;
      export let count = 0;
      export const increase = () => (count += 1);
      export default function def() { return 'default'; }
      ${more}
    `,
    [`node_modules/${name}/data.txt`]: 'data',
  };
}

const environment = { 'lib/env.mjs': `process.env.MODE = 'set'; ${evaluated('env')}` };
const order = 'globalThis.order';

describe('a package that stays a directory is evaluated', () => {
  test('after the first-party module that is imported before it, in either format', async () => {
    await using rig = await BundleRig.create({
      ...keptCommonJs('kept'),
      ...keptModule('kept-module'),
      ...environment,
      'functions/f.mjs': dedent`
        import '../lib/env.mjs';
        import kept, { mode } from 'kept';
        import def, * as all from 'kept-module';
        ${answer(`[${order}, kept.text, mode, def(), all.text, all.mode]`)}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe(
      'env,kept,kept-module,data,set,default,data,set',
    );
  });

  test('before the module that is imported after it, and after bundled packages', async () => {
    await using rig = await BundleRig.create({
      ...keptCommonJs('kept'),
      ...environment,
      'node_modules/plain/package.json': '{"name":"plain","main":"index.js"}',
      'node_modules/plain/index.js': evaluated('plain'),
      'functions/f.ts': dedent`
        import 'plain';
        import './first';
        import '../lib/env.mjs';
        ${answer(order)}
      `,
      'functions/first.ts': `import { mode } from 'kept'; ${evaluated('first')} export { mode };`,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.ts')))).toBe(
      'plain,kept,first,env',
    );
  });

  test('only when the module that imports it is reached', async () => {
    await using rig = await BundleRig.create({
      ...keptCommonJs('kept'),
      ...keptModule('kept-module'),
      'lib/later.mjs': dedent`
        import { text } from 'kept';
        import def from 'kept-module';
        export const later = [text, def()];
      `,
      'lib/required.mjs': `export { mode } from 'kept';`,
      'functions/f.mjs': dedent`
        const before = String(globalThis.order);
        const run = async () => {
          const { later } = await import('../lib/later.mjs');
          return [before, ...later, typeof require('../lib/required.mjs').mode];
        };
        ${answer(`await run()`)}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe(
      'undefined,data,default,undefined',
    );
  });

  test('once, when statements and import() ask for it at the same time', async () => {
    await using rig = await BundleRig.create({
      ...keptModule('kept-module'),
      ...keptCommonJs('kept'),
      'lib/one.mjs': `import { text } from 'kept-module'; export { text };`,
      'lib/two.mjs': `export { text } from 'kept'; export { mode } from 'kept-module';`,
      'functions/f.mjs': dedent`
        const run = async () => {
          const loaded = await Promise.all([
            import('kept-module'), import('../lib/one.mjs'), import('kept'), import('../lib/two.mjs'),
            import('kept-module'),
          ]);
          return [...loaded.map(({ text }) => text), loaded[0].default(), loaded[2].default.text];
        };
        ${answer(`[await run(), ${order}]`)}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(await rig.call(bundle)).toBe('data,data,data,data,data,default,data,kept-module,kept');
  });

  test('ahead of the bundle, as it is written, when nothing with effects precedes it', async () => {
    await using rig = await BundleRig.create({
      ...keptCommonJs('kept'),
      ...keptModule('kept-module'),
      ...environment,
      'lib/types.ts': dedent`
        export interface Shape { readonly name: string }
        export enum Kind { One = 'one' }
        export const limits = { size: 1, names: ['a', \`b\`] as const };
        export class Box { #size = 1; get size() { return this.#size; } }
        export const grow = (box: Box) => box.size + 1;
      `,
      'functions/f.ts': dedent`
        import { grow, Box } from '../lib/types';
        import { text } from 'kept';
        import { text as other } from 'kept-module';
        import '../lib/env.mjs';
        import { mode } from 'kept';
        ${answer(`[${order}, grow(new Box()), text, other, mode]`)}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.ts'));
    expect(textOf(bundle, 'f.mjs')).not.toContain('__bgfnImport');
    expect(await rig.call(bundle)).toBe('kept,kept-module,env,2,data,data,');
  });

  test('at its place in a module that is loaded by path', async () => {
    await using rig = await BundleRig.create({
      ...keptModule('kept-module'),
      ...environment,
      'lib/work.mjs': dedent`
        import './env.mjs';
        import { parentPort } from 'node:worker_threads';
        import { mode } from 'kept-module';
        parentPort.postMessage([...globalThis.order, mode]);
      `,
      'functions/f.mjs': dedent`
        import { once } from 'node:events';
        import { Worker } from 'node:worker_threads';
        const run = async () => {
          const worker = new Worker(new URL('../lib/work.mjs', import.meta.url));
          return (await once(worker, 'message'))[0];
        };
        ${answer('await run()')}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe(
      'env,kept-module,set',
    );
  });

  test('at its place when its code waits at the top level, also with cycles in the function', async () => {
    await using rig = await BundleRig.create({
      ...keptModule('kept-module', `await new Promise((done) => setImmediate(done));`),
      ...environment,
      'lib/a.mjs': dedent`
        import { b } from './b.mjs';
        import { mode } from 'kept-module';
        export const a = () => 'a' + mode;
        export const both = () => a() + b();
      `,
      'lib/b.mjs': dedent`
        import { a } from './a.mjs';
        export const b = () => 'b' + a().length;
      `,
      'lib/later.mjs': `export { text } from 'kept-module';`,
      'functions/f.mjs': dedent`
        import '../lib/env.mjs';
        import { both } from '../lib/a.mjs';
        const later = async () => (await import('../lib/later.mjs')).text;
        ${answer(`[${order}, both(), await later()]`)}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe(
      'env,kept-module,asetb4,data',
    );
  });

  test('at its place when the platform provides it', async () => {
    await using rig = await BundleRig.create({
      ...environment,
      'layer/node_modules/provided/package.json': '{"name":"provided","main":"index.js"}',
      'layer/node_modules/provided/index.js': `exports.mode = process.env.MODE;`,
      'functions/f.mjs': dedent`
        import '../lib/env.mjs';
        import { mode } from 'provided';
        ${answer('mode')}
      `,
    });
    const bundle = bundleOf(
      await rig.bundle('functions/f.mjs', {
        ignoredNodeModules: ['provided'],
        includedFiles: ['layer/**'],
      }),
    );
    const places = { NODE_PATH: 'layer/node_modules' };
    expect(await rig.call(bundle, places)).toBe('set');
  });
});

test('functions that share a module get the same bytes together as alone, whatever precedes it', async () => {
  await using rig = await BundleRig.create({
    ...keptCommonJs('kept'),
    ...keptCommonJs('other'),
    ...environment,
    'lib/text.mjs': `export { text } from 'kept';`,
    'functions/early.mjs': dedent`
      import { text } from '../lib/text.mjs';
      import '../lib/env.mjs';
      import 'other';
      ${answer('text')}
    `,
    'functions/late.mjs': dedent`
      import '../lib/env.mjs';
      import { text } from '../lib/text.mjs';
      import 'other';
      ${answer('text')}
    `,
  });
  const names = ['early', 'late'];
  const session = createBundleSession();
  const together = await Promise.all(
    names.map((name) => rig.bundle(`functions/${name}.mjs`, {}, {}, session)),
  );
  const alone = await Promise.all(names.map((name) => rig.bundle(`functions/${name}.mjs`)));
  const textsOf = (bundles: typeof alone): readonly string[] =>
    bundles.map((bundle, index) => textOf(bundleOf(bundle), `${names[index] ?? ''}.mjs`));
  expect(textsOf(together)).toEqual(textsOf(alone));
  expect(textsOf(alone)[0]).toContain('from "kept"');
  expect(textsOf(alone)[1]).not.toContain('from "kept"');
});

describe('an import that is evaluated at its place means', () => {
  const kept = {
    ...environment,
    ...keptModule('kept-module', `export { default as again } from './index.js';`),
    'node_modules/babel/package.json': '{"name":"babel","main":"index.js"}',
    'node_modules/babel/index.js': dedent`
      Object.defineProperty(exports, '__esModule', { value: true });
      exports.default = 'inner';
      exports.place = __dirname.length > 0;
    `,
    'node_modules/callable/package.json': '{"name":"callable","main":"index.js"}',
    'node_modules/callable/index.js': dedent`
      module.exports = () => 'called';
      module.exports.place = require('path').join(__dirname, 'x').length > 0;
    `,
  };

  /** In a `.ts` file, `default` means what it means to compiled code: see compiled-imports.test.ts. */
  test.each(['mjs', 'mts'])('the same as in Node, in .%s files', async (extension) => {
    await using rig = await BundleRig.create({
      ...kept,
      [`lib/use.${extension}`]: dedent`
        import './env.mjs';
        import babel, { default as same, place } from 'babel';
        import call, * as names from 'callable';
        import * as all from 'kept-module';
        import { count, increase, again } from 'kept-module';
        const before = count;
        increase();
        export const results = [
          typeof babel, babel === same, babel.default, place,
          call(), names.default(), names.place,
          before, count, all.count, again(), Object.keys(all).sort().join('+'), '__esModule' in all,
        ];
      `,
      [`functions/f.${extension}`]: dedent`
        import { results } from '../lib/use.${extension}';
        ${answer('results')}
      `,
    });
    const bundle = bundleOf(await rig.bundle(`functions/f.${extension}`));
    expect(textOf(bundle, 'f.mjs')).toContain('__bgfnImport("babel")');
    expect(await rig.call(bundle)).toBe(
      'object,true,inner,true,called,called,true,0,1,1,default,' +
        'again+count+default+increase+mode+text,false',
    );
  });

  test('all names when they are exported again, by name or all of them', async () => {
    await using rig = await BundleRig.create({
      ...kept,
      'lib/names.mjs': dedent`
        import './env.mjs';
        export { text, default as def } from 'kept-module';
        export * as babel from 'babel';
      `,
      'lib/all.mjs': dedent`
        import './env.mjs';
        export * from 'kept-module';
        export * from './names.mjs';
      `,
      'functions/f.mjs': dedent`
        import * as all from '../lib/all.mjs';
        const { text, def, mode, babel } = all;
        ${answer('[text, def(), mode, babel.place]')}
      `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe(
      'data,default,set,true',
    );
  });

  test('all names of a module that is loaded by path and exports them again', async () => {
    await using rig = await BundleRig.create({
      ...kept,
      'lib/plugin.mjs': dedent`
        import './env.mjs';
        export * from 'kept-module';
        export { place } from 'babel';
      `,
      'functions/f.mjs': dedent`
        import { createRequire } from 'node:module';
        const load = createRequire(import.meta.url);
        const run = () => { const { text, place } = load('../lib/plugin.mjs'); return [text, place]; };
        ${answer('run()')}
      `,
    });
    const bundle = bundleOf(await rig.bundle('functions/f.mjs'));
    expect(pathsOf(bundle)).toContain('lib/plugin.mjs');
    expect(await rig.call(bundle)).toBe('data,true');
  });
});

test('a module that only exports again from a package that stays a directory leads to it', async () => {
  await using rig = await BundleRig.create({
    ...keptModule('kept-module'),
    'lib/barrel.mjs': `export { text } from 'kept-module';`,
    'functions/f.mjs': dedent`
      import { text } from '../lib/barrel.mjs';
      ${answer('text')}
    `,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.mjs')))).toBe('data');
});
