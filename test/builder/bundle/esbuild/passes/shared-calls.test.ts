import dedent from 'dedent';
import { expect, test } from 'vitest';
import { BundleRig } from '../../support/bundle-rig.ts';

/** Every function imports the package `common`, so that their passes can share calls of esbuild. */
const shared = {
  'package.json': '{"type":"module"}',
  'data/prices.json': '{"apple":1}',
  'lib/worker.mjs': `import { common } from 'common';\nconsole.log(common);`,
  'lib/drawing.mjs': `import reader from 'reader';\nexport const draw = () => reader;`,
  'node_modules/common/package.json':
    '{"name":"common","version":"1.0.0","type":"module","main":"index.js"}',
  'node_modules/common/index.js': dedent`
    export const common = 1;
    export class Order {}
  `,
  'node_modules/lacking/package.json': '{"name":"lacking","version":"1.0.0","main":"index.mjs"}',
  'node_modules/lacking/index.mjs': `import 'not-there';`,
  'node_modules/two-entries/package.json':
    '{"name":"two-entries","version":"1.0.0","module":"module.mjs"}',
  'node_modules/two-entries/module.mjs': `export default 'module';`,
  'node_modules/two-entries/index.js': `module.exports = 'index';`,
  'node_modules/reader/package.json': '{"name":"reader","version":"1.0.0","main":"index.js"}',
  'node_modules/reader/index.js': `module.exports = require('fs').readFileSync(__dirname + '/a.txt');`,
  'node_modules/reader/a.txt': 'a',
};

const functions: Readonly<Record<string, string>> = {
  plain: `import prices from '../../data/prices.json';\nexport default () => Response.json([common, prices]);`,
  attributed: `import prices from '../../data/prices.json' with { type: 'json' };\nexport default () => Response.json([common, prices]);`,
  located: `export const config = {};\nexport const here = import.meta.url;\nexport default () => new Response(here);`,
  neighbour: `import { here } from './located.mjs';\nexport default () => new Response(import.meta.url + here);`,
  lacks: `import 'lacking';\nexport default () => new Response(String(common));`,
  beside: `import './located.mjs';\nexport default () => new Response(import.meta.url);`,
  distant: `export { config } from './located.mjs';\nexport default () => new Response(String(common));`,
  requires: `import { createRequire } from 'node:module';\nexport default () => Response.json([typeof require, createRequire]);\nconst two = require('two-entries');\nexport { two };`,
  imports: `import two from 'two-entries';\nexport default () => new Response(two);`,
  draws: `import { draw } from '../../lib/drawing.mjs';\nexport default () => new Response(draw());`,
  paints: `import { draw } from '../../lib/drawing.mjs';\nexport default () => new Response('painted ' + draw());`,
  works: `import { Worker } from 'node:worker_threads';\nexport default () => void new Worker(new URL('../../lib/worker.mjs', import.meta.url));`,
  toils: `import { Worker } from 'node:worker_threads';\nexport default () => void [common, new Worker(new URL('../../lib/worker.mjs', import.meta.url))];`,
  named: `import { Order } from 'common';\nexport default () => new Response(new Order().constructor.name);`,
};

const files = {
  ...shared,
  ...Object.fromEntries(
    Object.entries(functions).map(([name, source]) => [
      `netlify/functions/${name}.mjs`,
      `import { common } from 'common';\n${source}`,
    ]),
  ),
};

const names = Object.keys(functions);

/** What a build keeps of a bundle, comparable. */
async function bundled(rig: BundleRig, name: string): Promise<unknown> {
  const outcome = await rig.bundle(`netlify/functions/${name}.mjs`);
  if (!outcome.ok) return outcome.diagnostics;
  const { content, ...others } = outcome.value;
  const ownFiles = content.kind === 'files' ? content.files : [];
  return {
    ...others,
    files: ownFiles.map((file) =>
      'bytes' in file.content ? [file.path, Buffer.from(file.content.bytes).toString()] : file,
    ),
  };
}

test('a function has the same bundle alone and in a call with others, in any order', async () => {
  await using rig = await BundleRig.create(files);
  const alone: Record<string, unknown> = {};
  for (const name of names) alone[name] = await bundled(rig, name);
  // A call for `lacks` is repeated without its missing import, which no other function has.
  const others = names.filter((name) => name !== 'lacks');
  for (const order of [others, others.toReversed(), ['lacks', 'plain'], ['located', 'beside']]) {
    const together = await Promise.all(order.map((name) => bundled(rig, name)));
    expect(together).toStrictEqual(order.map((name) => alone[name]));
  }
});

test('an error is reported for its own function, and the others are bundled', async () => {
  await using rig = await BundleRig.create({
    ...files,
    'netlify/functions/broken.mjs': `import 'common';\nimport './gone.mjs';`,
  });
  const [broken, plain] = await Promise.all(
    ['broken', 'plain'].map((name) => rig.bundle(`netlify/functions/${name}.mjs`)),
  );
  expect(plain?.ok).toBe(true);
  expect(broken).toMatchObject({
    ok: false,
    diagnostics: [{ code: 'UNRESOLVED_IMPORT', functionName: 'broken' }],
  });
});

test('a warning is reported for each function that has the file, and for no other', async () => {
  await using rig = await BundleRig.create({
    ...files,
    'lib/odd.mjs': `import { common } from 'common';\nexport const odd = common === -0;`,
    ...Object.fromEntries(
      ['odd-one', 'odd-two'].map((name) => [
        `netlify/functions/${name}.mjs`,
        `import { common } from 'common';\nimport { odd } from '../../lib/odd.mjs';\nexport default () => Response.json([odd, common]);`,
      ]),
    ),
  });
  const outcomes = await Promise.all(
    ['odd-one', 'plain', 'odd-two'].map((name) => rig.bundle(`netlify/functions/${name}.mjs`)),
  );
  expect(
    outcomes.map((outcome) => (outcome.ok ? outcome.value.warnings.map(({ code }) => code) : [])),
  ).toStrictEqual([['ESBUILD_EQUALS_NEGATIVE_ZERO'], [], ['ESBUILD_EQUALS_NEGATIVE_ZERO']]);
});
