import dedent from 'dedent';
import { expect, test } from 'vitest';
import { build } from '../../../src/builder/pipeline.ts';
import { clockHasMoved } from '../cache/support/cached-function.ts';
import { temporaryProject } from '../support/temporary-project.ts';

const target = { platform: 'linux', arch: 'x64', libc: 'glibc' } as const;

/** A function whose imports would be resolved or read differently if one more file existed. */
const site = {
  'package.json': '{"type":"module"}',
  'apps/site/netlify/functions/f.mts': dedent`
    import { value } from '../../lib/value';
    import maybe from 'maybe';
    export default () => new Response(value + maybe);
  `,
  'apps/site/lib/value.ts': dedent`
    export const value = 1;
    export default 2;
  `,
  'node_modules/maybe/package.json': '{"name":"maybe","version":"1.0.0","main":"index.js"}',
  'node_modules/maybe/index.js': dedent`
    try {
      module.exports = require('accelerator');
    } catch {
      module.exports = 'slow';
    }
  `,
};

test.each([
  [
    'a tsconfig.json beside the function',
    { 'apps/site/netlify/functions/tsconfig.json': '{"compilerOptions":{"target":"es2015"}}' },
  ],
  [
    'a tsconfig.json above the function',
    { 'apps/site/tsconfig.json': '{"compilerOptions":{"paths":{"maybe":["./lib/value.ts"]}}}' },
  ],
  [
    'a package.json nearer to the sources',
    { 'apps/site/lib/package.json': '{"sideEffects":false}' },
  ],
  [
    'the optional package that an installed package tries to load',
    {
      'node_modules/accelerator/package.json': '{"name":"accelerator","main":"index.js"}',
      'node_modules/accelerator/index.js': `module.exports = 'fast';`,
    },
  ],
  [
    'another version of a package, nearer to the function',
    {
      'apps/site/node_modules/maybe/package.json':
        '{"name":"maybe","version":"2.0.0","main":"index.js"}',
      'apps/site/node_modules/maybe/index.js': 'module.exports = 2;',
    },
  ],
])('a cached artifact is rebuilt after the appearance of %s', async (_what, added) => {
  await using project = await temporaryProject(site);
  const buildOnce = async (): Promise<boolean | undefined> =>
    (await build({ projectDirectory: project.path('apps/site'), target })).functions[0]?.cached;
  await clockHasMoved(project);
  expect(await buildOnce()).toBe(false);
  expect(await buildOnce()).toBe(true);
  await project.write(added);
  expect(await buildOnce()).toBe(false);
});
