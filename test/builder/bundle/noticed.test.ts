import { expect, test } from 'vitest';
import { build } from '../../../src/builder/pipeline.ts';
import { clockHasMoved } from '../cache/support/cached-function.ts';
import { temporaryProject } from '../support/temporary-project.ts';

const target = { platform: 'linux', arch: 'x64', libc: 'glibc' } as const;

/** A function that is made of what is there now, and of something else once one of these files is. */
const site = {
  'package.json': '{"type":"module"}',
  'apps/site/netlify/functions/f.mts': `import { value } from '../../lib/value';\nimport maybe from 'maybe';\nexport default () => new Response(value + maybe);\n`,
  'apps/site/lib/value.ts': `export const value = 1;\nexport default 2;\n`,
  'node_modules/maybe/package.json': '{"name":"maybe","version":"1.0.0","main":"index.js"}',
  'node_modules/maybe/index.js': `try { module.exports = require('accelerator'); } catch { module.exports = 'slow'; }\n`,
};

test.each([
  [
    'a tsconfig.json beside the function',
    { 'apps/site/netlify/functions/tsconfig.json': '{"compilerOptions":{"target":"es2015"}}' },
  ],
  [
    'a tsconfig.json above it',
    { 'apps/site/tsconfig.json': '{"compilerOptions":{"paths":{"maybe":["./lib/value.ts"]}}}' },
  ],
  [
    'a package.json nearer to the sources',
    { 'apps/site/lib/package.json': '{"sideEffects":false}' },
  ],
  [
    'the optional package that an installed one tries',
    {
      'node_modules/accelerator/package.json': '{"name":"accelerator","main":"index.js"}',
      'node_modules/accelerator/index.js': `module.exports = 'fast';\n`,
    },
  ],
  [
    'another version of a package, nearer to the function',
    {
      'apps/site/node_modules/maybe/package.json':
        '{"name":"maybe","version":"2.0.0","main":"index.js"}',
      'apps/site/node_modules/maybe/index.js': `module.exports = 2;\n`,
    },
  ],
])('a kept artifact is not used any more after there is %s', async (_what, added) => {
  await using project = await temporaryProject(site);
  const buildOnce = async (): Promise<boolean | undefined> =>
    (await build({ projectDirectory: project.path('apps/site'), target })).functions[0]?.cached;
  await clockHasMoved(project);
  expect(await buildOnce()).toBe(false);
  expect(await buildOnce()).toBe(true);
  await project.write(added);
  expect(await buildOnce()).toBe(false);
});
