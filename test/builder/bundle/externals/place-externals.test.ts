import dedent from 'dedent';
import { expect, test } from 'vitest';
import { BundleRig, bundleOf, pathsOf } from '../support/bundle-rig.ts';
import { answer } from '../support/sources.ts';

test('a site with the name of a package that it keeps is built', async () => {
  await using rig = await BundleRig.create({
    'package.json': '{"name":"reader","dependencies":{"reader":"1"}}',
    'lib/data.txt': 'of the site',
    'node_modules/reader/package.json':
      '{"name":"reader","main":"index.js","dependencies":{"reader":"1"}}',
    'node_modules/reader/index.js': dedent`
      const fs = require('fs');
      const path = require('path');
      exports.read = () => fs.readFileSync(path.join(__dirname, 'data.txt'), 'utf8');
      exports.of = (name) => require(path.relative(__dirname, name));
      exports.site = () => require('../../package.json');
    `,
    'node_modules/reader/data.txt': 'of the package',
    'functions/f.mts': `import { read } from 'reader';\n${answer('read()')}`,
  });
  const bundle = bundleOf(await rig.bundle('functions/f.mts'));
  expect(await rig.call(bundle)).toBe('of the package');
  expect(pathsOf(bundle)).not.toContain('lib/data.txt');
});

/** Returns a package in pnpm's layout that is one of a circle of two versions of two packages. */
function inCircle(
  [name, version]: readonly [string, string],
  [next, nextVersion]: readonly [string, string],
  module: string,
): readonly [files: Record<string, string>, links: Record<string, string>] {
  const store = `node_modules/.pnpm/${name}@${version}/node_modules`;
  return [
    {
      [`${store}/${name}/package.json`]: JSON.stringify({
        name,
        version,
        main: 'index.js',
        dependencies: { [next]: nextVersion },
        ...(module.startsWith('import') ? { type: 'module' } : {}),
      }),
      [`${store}/${name}/own.txt`]: `${name}${version}`,
      [`${store}/${name}/index.js`]: module.replaceAll('NEXT', next),
    },
    { [`${store}/${next}`]: `../../${next}@${nextVersion}/node_modules/${next}` },
  ];
}

const commonJs = dedent`
  const own = require('fs').readFileSync(require('path').join(__dirname, 'own.txt'), 'utf8');
  exports.path = (steps) => own + (steps > 1 ? ' ' + require('NEXT').path(steps - 1) : '');
`;
const esModule = dedent`
  import { readFileSync } from 'node:fs';
  import * as next from 'NEXT';
  const own = readFileSync(new URL('./own.txt', import.meta.url), 'utf8');
  export const path = (steps) => own + (steps > 1 ? ' ' + next.path(steps - 1) : '');
  export default path;
`;

test.each([
  ['CommonJS', commonJs],
  ['ES modules', esModule],
])(
  'two versions each of two packages that need each other in a circle find the right version: %s',
  async (_, module) => {
    const circle = [
      inCircle(['a', '1'], ['b', '1'], module),
      inCircle(['b', '1'], ['a', '2'], module),
      inCircle(['a', '2'], ['b', '2'], module),
      inCircle(['b', '2'], ['a', '1'], module),
    ];
    await using rig = await BundleRig.create(
      {
        ...Object.assign({}, ...circle.map(([files]) => files)),
        'functions/f.mts': `import { path } from 'a';\n${answer('path(9)')}`,
      },
      {
        ...Object.assign({}, ...circle.map(([, links]) => links)),
        'node_modules/a': '.pnpm/a@1/node_modules/a',
      },
    );
    const bundle = bundleOf(await rig.bundle('functions/f.mts'));
    expect(await rig.call(bundle)).toBe('a1 b1 a2 b2 a1 b1 a2 b2 a1');
  },
);
