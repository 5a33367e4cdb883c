import dedent from 'dedent';
import { expect, test } from 'vitest';
import { BundleRig, bundleOf } from './support/bundle-rig.ts';
import { answer } from './support/sources.ts';

/** A page that runs the text of a function where nothing of the module exists. */
const page = dedent`
  import vm from 'node:vm';
  const page = { evaluate: (fn, ...args) => vm.runInNewContext('(' + fn + ')(' + JSON.stringify(args).slice(1, -1) + ')') };
`;

const shapes: Readonly<Record<string, string>> = {
  'an arrow function with functions and classes in it': dedent`
    const run = () => page.evaluate((count) => {
      const double = (n) => n * 2;
      class Box { value() { return double(count); } }
      return new Box().value();
    }, 21);
  `,
  'a function that is declared elsewhere': dedent`
    function scrape(count) {
      const double = (n) => n * 2;
      return double(count);
    }
    const run = () => page.evaluate(scrape, 21);
  `,
  'a function whose text a worker evaluates': dedent`
    import { once } from 'node:events';
    import { Worker } from 'node:worker_threads';
    function work() {
      const answer = () => 42;
      process.getBuiltinModule('node:worker_threads').parentPort.postMessage(answer());
    }
    const run = async () => {
      const worker = new Worker('(' + work.toString() + ')()', { eval: true });
      const [message] = await once(worker, 'message');
      return message;
    };
  `,
};

test.each(
  Object.entries(shapes).flatMap(([name, source]) => [
    [name, 'with --minify', true, source] as const,
    [name, 'in code that asks for names', false, source] as const,
  ]),
)('%s runs in another realm %s', async (_name, _when, minify, source) => {
  await using rig = await BundleRig.create({
    'functions/f.mjs': dedent`
      ${page}
      ${source}
      class Order {}
      const name = new Order().constructor.name;
      ${answer(`[await run(), name]`)}
    `,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mjs', {}, { minify }));
  expect(await rig.call(bundle)).toBe('42,Order');
});
