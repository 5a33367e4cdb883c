import { expect, test } from 'vitest';
import { BundleRig, bundleOf, textOf } from './support/bundle-rig.ts';

const answer = (value: string): string =>
  `export default async () => new Response(String(${value}));\n`;

test('a .cjs module that is loaded by path stays CommonJS, with its own packages and files in it', async () => {
  await using rig = await BundleRig.create({
    'node_modules/dep/package.json': '{"name":"dep","main":"index.js"}',
    'node_modules/dep/index.js': `module.exports = 'dep';`,
    'lib/greeting.txt': 'hello',
    'lib/settings.cjs': `const fs = require('node:fs');\nconst path = require('node:path');\nexports.greeting = fs.readFileSync(path.join(__dirname, 'greeting.txt'), 'utf8');\nexports.dep = require('dep');\n`,
    'functions/f.mts': `import { createRequire } from 'node:module';\nconst load = createRequire(import.meta.url);\nconst settings = load('../lib/settings.cjs');\n${answer('settings.greeting + settings.dep')}`,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mts'));
  expect(textOf(bundle, 'lib/settings.cjs')).not.toMatch(/^import /m);
  expect(await rig.call(bundle)).toBe('hellodep');
});

test.each(['worker.cjs', 'worker.js', 'worker.mjs'])('a worker thread in %s', async (name) => {
  const [load, imported] =
    name === 'worker.mjs'
      ? [`import { parentPort } from 'node:worker_threads';`, 'import.meta.url']
      : [`const { parentPort } = require('node:worker_threads');`, '__filename'];
  await using rig = await BundleRig.create({
    [`functions/lib/${name}`]: `${load}\nparentPort.postMessage(${imported}.split('/').at(-1));\n`,
    'functions/f.mts': `import { once } from 'node:events';\nimport { Worker } from 'node:worker_threads';\nconst run = async () => { const worker = new Worker(new URL('./lib/${name}', import.meta.url)); const [said] = await once(worker, 'message'); return said; };\n${answer('await run()')}`,
  });
  expect(await rig.call(bundleOf(await rig.bundle('functions/f.mts')))).toBe(name);
});
