import dedent from 'dedent';
import { expect, test } from 'vitest';
import { BundleRig, bundleOf, textOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

test('a .cjs module that is loaded by path stays CommonJS and finds its packages and files', async () => {
  await using rig = await BundleRig.create({
    'node_modules/dep/package.json': '{"name":"dep","main":"index.js"}',
    'node_modules/dep/index.js': `module.exports = 'dep';`,
    'lib/greeting.txt': 'hello',
    'lib/settings.cjs': dedent`
      const fs = require('node:fs');
      const path = require('node:path');
      exports.greeting = fs.readFileSync(path.join(__dirname, 'greeting.txt'), 'utf8');
      exports.dep = require('dep');
    `,
    'functions/f.mts': dedent`
      import { createRequire } from 'node:module';
      const load = createRequire(import.meta.url);
      const settings = load('../lib/settings.cjs');
      ${answer('settings.greeting + settings.dep')}
    `,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mts'));
  expect(textOf(bundle, 'lib/settings.cjs')).not.toMatch(/^import /m);
  expect(await rig.call(bundle)).toBe('hellodep');
});

test.each(['worker.cjs', 'worker.js', 'worker.mjs'])(
  'a worker thread runs from its own place in the artifact: %s',
  async (name) => {
    const source =
      name === 'worker.mjs'
        ? dedent`
          import { parentPort } from 'node:worker_threads';
          parentPort.postMessage(import.meta.url.split('/').at(-1));
        `
        : dedent`
          const { parentPort } = require('node:worker_threads');
          parentPort.postMessage(__filename.split('/').at(-1));
        `;
    await using rig = await BundleRig.create({
      [`functions/lib/${name}`]: source,
      'functions/f.mts': dedent`
      import { once } from 'node:events';
      import { Worker } from 'node:worker_threads';
      const run = async () => {
        const worker = new Worker(new URL('./lib/${name}', import.meta.url));
        const [message] = await once(worker, 'message');
        return message;
      };
      ${answer('await run()')}
    `,
    });
    expect(await rig.call(bundleOf(await rig.bundle('functions/f.mts')))).toBe(name);
  },
);
