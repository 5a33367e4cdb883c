import { describe, expect, test } from 'vitest';
import { discoverSite, specOf } from '../support/temporary-site.ts';

const handler = `export default async () => new Response('ok');\n`;
const v1 = `exports.handler = async () => ({ statusCode: 200 });\n`;

describe('settings that ZISI silently ignores are read', () => {
  test('`satisfies` on config', async () => {
    const spec = await specOf(
      'a.mts',
      `import type { Config } from '@netlify/functions';\n${handler}export const config = { background: true } satisfies Config;`,
    );
    expect(spec.mode).toBe('background');
  });
  test('`as const` on config', async () => {
    expect(
      (
        await specOf(
          'a.mts',
          `${handler}export const config = { background: true, timeout: 120 } as const;`,
        )
      ).timeoutSeconds,
    ).toBe(120);
  });
  test('`as const satisfies`, parentheses and `!` together', async () => {
    expect(
      (
        await specOf(
          'a.mts',
          `${handler}export const config = (({ background: (true)! } as const) satisfies object);`,
        )
      ).mode,
    ).toBe('background');
  });
  test('an identifier as a value', async () => {
    expect(
      (
        await specOf(
          'a.mts',
          `const minutes = 5;\nconst timeout = minutes * 60;\n${handler}export const config = { background: true, timeout };`,
        )
      ).timeoutSeconds,
    ).toBe(300);
  });
  test('a template literal as a value', async () => {
    const spec = await specOf(
      'a.mts',
      `const version = 2;\nconst base = '/api' as const;\n${handler}export const config = { path: \`\${base}/v\${version}/users\` };`,
    );
    expect(spec.routes).toEqual([
      { pattern: '/api/v2/users', literal: '/api/v2/users', methods: [] },
    ]);
  });
  test('a spread as a value', async () => {
    const spec = await specOf(
      'a.mts',
      `const shared = { background: true, timeout: 60 };\nconst paths = ['/b'];\n${handler}export const config = { ...shared, timeout: 90, path: ['/a', ...paths] };`,
    );
    expect(spec).toMatchObject({ mode: 'background', timeoutSeconds: 90 });
    expect(spec.routes.map(({ pattern }) => pattern)).toEqual(['/a', '/b']);
  });
  test('a `config` beside a v1 handler', async () => {
    const spec = await specOf(
      'a.js',
      `${v1}exports.config = { background: true, schedule: '@daily' };`,
    );
    expect(spec).toMatchObject({
      authoring: 1,
      mode: 'background',
      timeoutSeconds: 900,
      schedule: '@daily',
    });
  });
  test('a `config` beside a v1 handler in ESM', async () => {
    expect(
      (
        await specOf(
          'a.mjs',
          `export const handler = async () => {};\nexport const config = { path: '/x', method: 'post' };`,
        )
      ).routes,
    ).toEqual([{ pattern: '/x', literal: '/x', methods: ['POST'] }]);
  });
  test('quoted event keys', async () => {
    expect(
      (
        await specOf(
          'a.mts',
          `export default { 'userLogin': async () => {}, ['formSubmitted']() {} };`,
        )
      ).eventSubscriptions,
    ).toEqual(['identity_login', 'submission_created']);
  });
  test('a parameter in the middle of a path segment', async () => {
    expect(
      (await specOf('a.mts', `${handler}export const config = { path: '/files/v:version' };`))
        .routes[0],
    ).toHaveProperty('expression');
  });
});

describe('all ways to write configuration have the same result', () => {
  const forms: readonly (readonly [
    title: string,
    file: string,
    source: string,
    more?: Readonly<Record<string, string>>,
  ])[] = [
    ['an exported constant', 'a.mts', `${handler}export const config = { background: true };`],
    ['an exported variable', 'a.js', `${handler}export let config = { background: true };`],
    [
      'a typed constant',
      'a.ts',
      `${handler}import type { Config } from '@netlify/functions';\nexport const config: Config = { background: true };`,
    ],
    [
      'a type assertion in front',
      'a.ts',
      `${handler}export const config = <const>{ background: true };`,
    ],
    [
      'an export list',
      'a.mjs',
      `${handler}const config = { background: true };\nexport { config };`,
    ],
    [
      'an export under another name',
      'a.mjs',
      `${handler}const settings = { background: true };\nexport { settings as config };`,
    ],
    [
      'an export under a quoted name',
      'a.mjs',
      `${handler}const settings = { background: true };\nexport { settings as 'config' };`,
    ],
    [
      'a default-export object',
      'a.mts',
      `export default { fetch: () => new Response(), config: { background: true } };`,
    ],
    [
      'a default-export object with satisfies',
      'a.mts',
      `export default { async fetch() { return new Response(); }, config: { background: true } as const } satisfies object;`,
    ],
    [
      'a default-export object by name',
      'a.mts',
      `const app = { fetch() {}, config: { background: true } };\nexport default app;`,
    ],
    [
      'a default-export object with a named config',
      'a.mts',
      `const config = { background: true };\nexport default { fetch() {}, config };`,
    ],
    [
      'a default export in a list',
      'a.mts',
      `const app = { fetch() {}, config: { background: true } };\nexport { app as default };`,
    ],
    [
      'a spread of a constant handler object',
      'a.mts',
      `const base = { config: { background: true } };\nexport default { ...base, fetch() {} };`,
    ],
    [
      'a frozen object',
      'a.mts',
      `${handler}export const config = Object.freeze({ background: true });`,
    ],
    [
      'module.exports.config',
      'a.cjs',
      `module.exports.handler = async () => {};\nmodule.exports.config = { background: true };`,
    ],
    ['exports.config', 'a.js', `${v1}exports.config = { background: true };`],
    ['exports["config"]', 'a.js', `${v1}exports['config'] = { background: true };`],
    [
      'one module.exports object',
      'a.cjs',
      `const config = { background: true };\nmodule.exports = { handler: async () => {}, config };`,
    ],
    [
      'export assignment of TypeScript',
      'a.cts',
      `export = { handler: async () => {}, config: { background: true } };`,
    ],
    [
      'TypeScript compiled to CommonJS',
      'a.js',
      `"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\nexports.config = void 0;\nexports.default = async () => new Response();\nexports.config = { background: true };`,
    ],
    [
      'a re-export',
      'a.mts',
      `export { default, config } from '../lib/impl.mjs';`,
      { 'netlify/lib/impl.mts': `${handler}export const config = { background: true };` },
    ],
    [
      'a re-export of everything',
      'a.mts',
      `export * from '../lib/impl.mjs';\nexport { default } from '../lib/impl.mjs';`,
      { 'netlify/lib/impl.mts': `${handler}export const config = { background: true };` },
    ],
    [
      'an imported config',
      'a.mts',
      `import { config } from '../lib/config';\n${handler}export { config };`,
      { 'netlify/lib/config.ts': 'export const config = { background: true };' },
    ],
    [
      'a default import of JSON',
      'a.mts',
      `import config from '../lib/config.json' with { type: 'json' };\n${handler}export { config };`,
      { 'netlify/lib/config.json': '{ "background": true }' },
    ],
    [
      'a spread of an imported constant',
      'a.mts',
      `import { defaults } from '../lib/index.js';\n${handler}export const config = { ...defaults };`,
      {
        'netlify/lib/index.ts': `export { defaults } from './defaults.ts';`,
        'netlify/lib/defaults.ts': 'export const defaults = { background: !0 };',
      },
    ],
    [
      'a constant behind the `paths` of tsconfig.json',
      'a.mts',
      `import { background } from '@lib/modes';\n${handler}export const config = { background };`,
      {
        'tsconfig.json': '{ "extends": "./base.json" }',
        'base.json':
          '{ "compilerOptions": { "paths": { "@lib/*": ["./nowhere/*", "./src/lib/*"] } } }',
        'src/lib/modes.ts': 'export const background = true;',
      },
    ],
    [
      'a constant behind the `baseUrl` of tsconfig.json',
      'a.mts',
      `import { background } from 'lib/modes';\n${handler}export const config = { background };`,
      {
        'tsconfig.json': '{ "compilerOptions": { "baseUrl": "src" } }',
        'src/lib/modes.ts': 'export const background = true;',
      },
    ],
    [
      'a member of an imported namespace',
      'a.mts',
      `import * as defaults from '../lib/defaults';\n${handler}export const config = { background: defaults.background };`,
      { 'netlify/lib/defaults.ts': 'export const background = true;' },
    ],
    [
      'a member of a constant',
      'a.mts',
      `const on = { background: [false, true] };\n${handler}export const config = { background: on.background[1] };`,
    ],
    [
      'a destructured constant',
      'a.mts',
      `const { background } = { background: true };\n${handler}export const config = { background };`,
    ],
    [
      'a condition over constants',
      'a.mts',
      `const mode = 'slow';\n${handler}export const config = { background: mode === 'slow' ? true : false };`,
    ],
    [
      'an enum',
      'a.ts',
      `enum Flag { Off, On }\n${handler}export const config = { background: Flag.On === 1 };`,
    ],
    [
      'an enum whose member name is a template literal',
      'a.ts',
      `enum Flag { Off, [\`On\`] }\n${handler}export const config = { background: Flag.On === 1 };`,
    ],
    [
      'esbuild’s CommonJS output',
      'a.js',
      `var src_exports = {};\nvar config = { background: true };\nvar handler = async () => {};\nmodule.exports = __toCommonJS(src_exports);\n0 && (module.exports = { config, handler });`,
    ],
    [
      'a function that is re-exported by require',
      'a.js',
      `module.exports = require('../lib/impl');`,
      { 'netlify/lib/impl.js': `${v1}exports.config = { background: true };` },
    ],
  ];
  test.each(forms.map(([title, file, source, more]) => ({ title, file, source, more })))(
    '$title',
    async ({ file, source, more }) => {
      expect((await specOf(file, source, more)).mode).toBe('background');
    },
  );
});

describe('how a source is written', () => {
  const sources: readonly (readonly [
    title: string,
    file: string,
    source: string,
    authoring: 1 | 2,
  ])[] = [
    ['a default arrow function', 'a.mjs', 'export default () => {};', 2],
    [
      'a default function declaration',
      'a.ts',
      'export default async function handle(request: Request) {}',
      2,
    ],
    ['a default call', 'a.mjs', `import { wrap } from 'kit';\nexport default wrap(() => {});`, 2],
    ['exports.default', 'a.cjs', 'exports.default = async () => {};', 2],
    ['module.exports as a function', 'a.cjs', 'module.exports = async () => new Response();', 2],
    ['export { x as default }', 'a.mjs', 'const x = () => {};\nexport { x as default };', 2],
    ['a default export of a package', 'a.mjs', `export { default } from 'kit';`, 2],
    ['an exported handler', 'a.mts', 'export const handler = async () => {};', 1],
    ['an exported handler function', 'a.mts', 'export async function handler() {}', 1],
    [
      'both, of which the handler counts',
      'a.mjs',
      'export const handler = async () => {};\nexport default () => {};',
      1,
    ],
    ['a handler of a package', 'a.mjs', `export { handler } from 'kit';`, 1],
    [
      'a destructured handler',
      'a.mjs',
      `import kit from 'kit';\nexport const { handler } = kit;`,
      1,
    ],
    [
      'a chain of assignments',
      'a.cjs',
      'exports.handler = module.exports.run = async () => {};',
      1,
    ],
    [
      'a defined property',
      'a.cjs',
      `Object.defineProperty(exports, 'handler', { enumerable: true, get() { return run; } });`,
      1,
    ],
    [
      'an export inside a function, as other bundlers write',
      'a.js',
      '(() => {\n  exports.handler = async () => {};\n})();',
      1,
    ],
    [
      'module.exports inside a function',
      'a.js',
      '(function () {\n  module.exports = { handler: async () => {} };\n}());',
      1,
    ],
    ['a top-level return', 'a.js', `exports.handler = async () => {};\nreturn;`, 1],
    [
      'a hashbang and a byte order mark',
      'a.mjs',
      '\uFEFF#!/usr/bin/env node\nexport default () => {};',
      2,
    ],
    ['JSX', 'a.tsx', 'export default () => <div>hello</div>;', 2],
  ];
  test.each(sources)('%s', async (_title, file, source, authoring) => {
    expect((await specOf(file, source)).authoring).toBe(authoring);
  });

  test('a module with top-level await and no import is still a module', async () => {
    expect(
      (await specOf('a.mjs', `const x = await Promise.resolve(1);\nexport default () => x;`))
        .authoring,
    ).toBe(2);
  });
});

describe('the wrappers of @netlify/functions', () => {
  const wrappers: readonly (readonly [title: string, source: string])[] = [
    [
      'imported',
      `import { schedule } from '@netlify/functions';\nexport const handler = schedule('0 8 * * 1', async () => ({ statusCode: 200 }));`,
    ],
    [
      'imported under another name',
      `import { schedule as every } from '@netlify/functions';\nconst cron = '0 8 * * 1';\nexport const handler = every(cron, async () => ({ statusCode: 200 }));`,
    ],
    [
      'required',
      `const { schedule } = require('@netlify/functions');\nconst handler = async () => {};\nexports.handler = schedule('0 8 * * 1', handler);`,
    ],
    [
      'required whole',
      `const netlify = require('@netlify/functions');\nmodule.exports.handler = netlify.schedule('0 8 * * 1', async () => {});`,
    ],
    [
      'required by member',
      `const every = require('@netlify/functions').schedule;\nmodule.exports.handler = every('0 8 * * 1', async () => {});`,
    ],
    [
      'compiled by TypeScript',
      `Object.defineProperty(exports, "__esModule", { value: true });\nconst functions_1 = require("@netlify/functions");\nconst run = async () => {};\nexports.handler = (0, functions_1.schedule)('0 8 * * 1', run);`,
    ],
    [
      'called in a constant',
      `import { schedule } from '@netlify/functions';\nconst handler = schedule('0 8 * * 1', async () => {});\nexport { handler };`,
    ],
  ];
  test.each(wrappers)('schedule %s', async (_title, source) => {
    expect(await specOf('a.js', source)).toMatchObject({
      authoring: 1,
      schedule: '0 8 * * 1',
      streaming: false,
    });
  });
  test('a local function called schedule is no wrapper', async () => {
    const spec = await specOf(
      'a.js',
      `const schedule = (_, run) => run;\nexports.handler = schedule('whenever', async () => {});`,
    );
    expect(spec.schedule).toBeUndefined();
  });
  test('stream makes a v1 function a streaming function', async () => {
    expect(
      (
        await specOf(
          'a.mjs',
          `import { stream } from '@netlify/functions';\nexport const handler = stream(async () => ({ statusCode: 200, body: '' }));`,
        )
      ).streaming,
    ).toBe(true);
  });
});

test('the code of a function is never run', async () => {
  const { specs } = await discoverSite({
    'netlify/functions/a.mjs': `globalThis.ran = true;\n${handler}export const config = { path: '/a' };`,
  });
  expect(specs).toHaveLength(1);
  expect(globalThis).not.toHaveProperty('ran');
});
