import { expect, test } from 'vitest';
import { discoverSite, underlined } from './support/temporary-site.ts';

interface BadInput {
  readonly title: string;
  readonly source: string;
  readonly file?: string;
  readonly code: string;
  readonly severity?: 'warning';
  readonly message: RegExp;
  readonly hint?: RegExp;
  /** The text that the location underlines. */
  readonly at?: string;
  readonly more?: Readonly<Record<string, string>>;
}

const withConfig = (config: string): string =>
  `export default async () => new Response('ok');\nexport const config = ${config};\n`;
const invalid = 'CONFIG_INVALID';
const notStatic = 'CONFIG_NOT_STATIC';
const contradiction = 'CONFIG_CONTRADICTION';

const table: readonly BadInput[] = [
  // Values of the wrong type or out of range
  {
    title: 'background as a number',
    source: withConfig('{ background: 1 }'),
    code: invalid,
    message: /`background`.*must be true or false; it is 1\./,
    at: '1',
  },
  {
    title: 'background null',
    source: withConfig('{ background: null }'),
    code: invalid,
    message: /it is null/,
  },
  {
    title: 'timeout zero',
    source: withConfig('{ timeout: 0 }'),
    code: invalid,
    message: /from 1 to 900; it is 0/,
  },
  {
    title: 'timeout negative',
    source: withConfig('{ timeout: -5 }'),
    code: invalid,
    message: /from 1 to 900; it is -5/,
    at: '-5',
  },
  {
    title: 'schedule of four fields',
    source: withConfig(`{ schedule: '* * * *' }`),
    code: invalid,
    message: /five fields.*this has 4/,
  },
  {
    title: 'schedule of six fields',
    source: withConfig(`{ schedule: '0 0 8 * * 1' }`),
    code: invalid,
    message: /this has 6/,
  },
  {
    title: 'schedule with a minute out of range',
    source: withConfig(`{ schedule: '61 * * * *' }`),
    code: invalid,
    message: /`schedule`.*"61 \* \* \* \*" \(.*minute/i,
  },
  {
    title: 'schedule with an unknown nickname',
    source: withConfig(`{ schedule: '@reboot' }`),
    code: invalid,
    message: /"@reboot" is not one of @hourly/,
  },
  {
    title: 'schedule with L',
    source: withConfig(`{ schedule: '0 0 L * *' }`),
    code: invalid,
    message: /"L" has no meaning/,
  },
  {
    title: 'schedule that never occurs',
    source: withConfig(`{ schedule: '0 0 31 2 *' }`),
    code: invalid,
    message: /no moment in time ever matches/,
  },
  {
    title: 'schedule in words',
    source: withConfig(`{ schedule: 'every day' }`),
    code: invalid,
    message: /this has 2/,
  },
  {
    title: 'schedule that is empty',
    source: withConfig(`{ schedule: '' }`),
    code: invalid,
    message: /this has none/,
  },
  {
    title: 'path without a slash',
    source: withConfig(`{ path: 'api/x' }`),
    code: invalid,
    message: /`path`.*starts with "\/".*; it is "api\/x"/,
    hint: /"\/api\/x"/,
    at: `'api/x'`,
  },
  {
    title: 'one bad path of several',
    source: withConfig(`{ path: ['/a', 7] }`),
    code: invalid,
    message: /`path\.1`.*; it is 7/,
    at: '7',
  },
  {
    title: 'path that is not a URLPattern',
    source: withConfig(`{ path: ['/ok', '/a/:id(['] }`),
    code: invalid,
    message: /"\/a\/:id\(\[" is not a valid URLPattern/,
    at: `'/a/:id(['`,
  },
  {
    title: 'path with a name twice',
    source: withConfig(`{ path: '/:id/:id' }`),
    code: invalid,
    message: /":id" appears twice/,
  },
  {
    title: 'path with a stray modifier',
    source: withConfig(`{ path: '/what?' }`),
    code: invalid,
    message: /"\?" has nothing before it/,
  },
  {
    title: 'excludedPath without a slash',
    source: withConfig(`{ path: '/a/*', excludedPath: 'b' }`),
    code: invalid,
    message: /`excludedPath`/,
  },
  {
    title: 'unknown method',
    source: withConfig(`{ path: '/a', method: 'FETCH' }`),
    code: invalid,
    message: /`method`.*an HTTP method.*; it is "FETCH"/,
  },
  {
    title: 'memory in an unknown unit',
    source: withConfig(`{ memory: '2 tb' }`),
    code: invalid,
    message: /`memory`.*it is "2 tb"/,
  },
  {
    title: 'memory and vcpu',
    source: withConfig('{ memory: 2048, vcpu: 1 }'),
    code: contradiction,
    message: /`memory` and `vcpu` cannot both/,
  },
  {
    title: 'unknown region',
    source: withConfig(`{ region: 'mars' }`),
    code: invalid,
    message: /`region`.*"cmh".*; it is "mars"/,
  },
  {
    title: 'rateLimit without a window',
    source: withConfig('{ rateLimit: { windowLimit: 5 } }'),
    code: invalid,
    message: /`rateLimit.windowSize`.*seconds above 0; it is missing/,
  },
  {
    title: 'rateLimit with an unknown action',
    source: withConfig(`{ rateLimit: { windowLimit: 5, windowSize: 1, action: 'ban' } }`),
    code: invalid,
    message: /`rateLimit.action`.*"rewrite"; it is "ban"/,
    at: `'ban'`,
  },
  {
    title: 'externalNodeModules with a number in it',
    source: withConfig(`{ externalNodeModules: ['sharp', 3] }`),
    code: invalid,
    message: /`externalNodeModules.1`.*package names; it is 3/,
    at: '3',
  },
  { title: 'an empty name', source: withConfig(`{ name: '' }`), code: invalid, message: /`name`/ },
  {
    title: 'retry as a number',
    source: withConfig('{ background: true, retry: 3 }'),
    code: invalid,
    message: /`retry`.*an object with maxAttempts/,
  },
  {
    title: 'a destination that is not a URL',
    source: withConfig(`{ background: true, destinations: { onFailure: '/alert' } }`),
    code: invalid,
    message: /`destinations.onFailure`.*http or https URL; it is "\/alert"/,
    at: `'/alert'`,
  },
  {
    title: 'a destination over ftp',
    source: withConfig(`{ background: true, destinations: { onSuccess: 'ftp://x.test/' } }`),
    code: invalid,
    message: /http or https URL/,
  },
  {
    title: 'config as a string',
    source: withConfig(`'background'`),
    code: invalid,
    message: /`config` must be an object/,
    at: `config = 'background'`,
  },
  {
    title: 'config as an array',
    source: withConfig('[]'),
    code: invalid,
    message: /`config` must be an object/,
  },
  // Contradictions
  {
    title: 'a path on an event function',
    file: 'deploy-succeeded.mts',
    source: withConfig(`{ path: '/x' }`),
    code: contradiction,
    message: /called by the event deploy_succeeded/,
  },
  {
    title: 'a path on a background event function',
    file: 'identity-signup-background.mts',
    source: withConfig(`{ path: '/x' }`),
    code: contradiction,
    message: /called by the event identity_signup/,
  },
  {
    title: 'a path where nothing answers requests',
    source: `export default { userLogin() {}, config: { path: '/x' } };`,
    code: contradiction,
    message: /only handles events cannot have a `path`/,
  },
  // Configuration that is known only when the function runs
  {
    title: 'an environment variable',
    source: withConfig('{ path: process.env.API_PATH }'),
    code: notStatic,
    message: /`process.env.API_PATH` is known only when the function runs/,
    hint: /netlify\.toml/,
    at: 'process.env.API_PATH',
  },
  {
    title: 'a call',
    source: withConfig('{ path: makePath() }'),
    code: notStatic,
    message: /call of `makePath`/,
    hint: /literals, constants/,
    at: 'makePath()',
  },
  {
    title: 'config from a call',
    source: withConfig('defineConfig({ background: true })'),
    code: notStatic,
    message: /call of `defineConfig`/,
  },
  {
    title: 'an undefined name',
    source: withConfig('{ path: route }'),
    code: notStatic,
    message: /`route` is not defined in this file/,
    at: 'route',
  },
  {
    title: 'a name imported from a package',
    source: `import { route } from 'routes';\n${withConfig('{ path: route }')}`,
    code: notStatic,
    message: /"routes" is not a file of this project/,
  },
  {
    title: 'a name imported from a file that is not there',
    source: `import { route } from './routes.js';\n${withConfig('{ path: route }')}`,
    code: notStatic,
    message: /"\.\/routes\.js" does not exist/,
  },
  {
    title: 'a name the imported file does not export',
    source: `import { route } from '../lib/routes.js';\n${withConfig('{ path: route }')}`,
    more: { 'netlify/lib/routes.js': 'export const other = 1;' },
    code: notStatic,
    message: /has no export `route`/,
  },
  {
    title: 'a variable that is changed later',
    source: `let path = '/a';\npath = '/b';\n${withConfig('{ path }')}`,
    code: notStatic,
    message: /`path` is changed after its declaration/,
    at: `path = '/b'`,
  },
  {
    title: 'config that is changed later',
    source: `${withConfig('{ background: false }')}config.background = true;\n`,
    code: notStatic,
    message: /`config` is changed after its declaration/,
    at: 'config.background = true',
  },
  {
    title: 'config that is assigned to',
    source: `${withConfig('{ background: false }')}Object.assign(config, shared);\n`,
    code: notStatic,
    message: /`config` is changed after its declaration/,
    at: 'Object.assign(config, shared)',
  },
  {
    title: 'config with a list that grows',
    source: `${withConfig(`{ path: ['/a'] }`)}config.path.push('/b');\n`,
    code: notStatic,
    message: /`config` is changed after its declaration/,
    at: `config.path.push('/b')`,
  },
  {
    title: 'a counter',
    source: `let timeout = 9;\n++timeout;\n${withConfig('{ timeout }')}`,
    code: notStatic,
    message: /`timeout` is changed after its declaration/,
    at: '++timeout',
  },
  {
    title: 'a compound assignment',
    source: `let path = '/a';\npath += '/b';\n${withConfig('{ path }')}`,
    code: notStatic,
    message: /`path` is changed after its declaration/,
    at: `path += '/b'`,
  },
  {
    title: 'a constant defined by itself',
    source: `const a = { ...b };\nconst b = { ...a };\n${withConfig('a')}`,
    code: notStatic,
    message: /is defined by itself/,
  },
  {
    title: 'a getter',
    source: withConfig('{ get background() { return true; } }'),
    code: notStatic,
    message: /getter or method/,
  },
  {
    title: 'a spread of a call',
    source: withConfig('{ ...shared() }'),
    code: notStatic,
    message: /call of `shared`/,
  },
  {
    title: 'a function as config',
    source: `export default async () => {};\nexport function config() { return {}; }`,
    code: notStatic,
    message: /`config` is not an object that can be read/,
  },
  {
    title: 'config that is exported on a condition',
    file: 'a.js',
    source:
      'exports.handler = async () => {};\nif (process.env.X) {\n  exports.config = { background: true };\n}',
    code: notStatic,
    message: /`config` is not an object that can be read/,
    at: 'exports.config = { background: true }',
  },
  {
    title: 'a regular expression',
    source: withConfig('{ path: /x/ }'),
    code: notStatic,
    message: /regular expression/,
  },
  {
    title: 'a bigint',
    source: withConfig('{ timeout: 9n }'),
    code: notStatic,
    message: /bigint/,
    hint: /without the "n"/,
  },
  {
    title: 'await',
    source: withConfig('{ path: await import("./x.js") }'),
    code: notStatic,
    message: /`await` is known only when/,
  },
  {
    title: 'a schedule wrapper around an unknown expression',
    file: 'a.js',
    source: `const { schedule } = require('@netlify/functions');\nexports.handler = schedule(process.env.CRON, async () => {});`,
    code: notStatic,
    message: /`process.env.CRON`/,
  },
  {
    title: 'a schedule wrapper without an expression',
    file: 'a.js',
    source: `const { schedule } = require('@netlify/functions');\nexports.handler = schedule();`,
    code: notStatic,
    message: /needs a cron expression/,
  },
  {
    title: 'a schedule wrapper around a bad expression',
    file: 'a.js',
    source: `const { schedule } = require('@netlify/functions');\nexports.handler = schedule('every day', async () => {});`,
    code: invalid,
    message: /`schedule` in `schedule\(…\)`/,
    at: `'every day'`,
  },
  // Sources that are not functions
  {
    title: 'a syntax error in JavaScript',
    file: 'a.js',
    source: `exports.handler = async () => {\n  return { statusCode: 200 ;\n};\n`,
    code: 'SYNTAX_ERROR',
    message: /Syntax error/,
    at: ';',
  },
  {
    title: 'a syntax error in TypeScript',
    source: `export default async (request: Request => {};\n`,
    code: 'SYNTAX_ERROR',
    message: /Syntax error/,
  },
  {
    title: 'types in a .js file',
    file: 'a.js',
    source: `export default async (request: Request) => {};\n`,
    code: 'SYNTAX_ERROR',
    message: /Syntax error/,
  },
  {
    title: 'a syntax error in a file the config comes from',
    source: `export { config } from '../lib/config.js';\nexport default () => {};`,
    more: { 'netlify/lib/config.js': 'export const config = {;' },
    code: 'SYNTAX_ERROR',
    message: /Syntax error/,
  },
  {
    title: 'a misspelt handler',
    file: 'a.js',
    source: 'exports.handlr = async () => {};',
    code: 'EXPORT_MISSING',
    message: /it exports `handlr`/,
    hint: /Did you mean `handler` instead of `handlr`/,
  },
  {
    title: 'exports of an unknown package',
    source: `export * from 'my-functions';`,
    code: 'EXPORT_MISSING',
    message: /`export \*` from "my-functions"/,
    hint: /export \{ handler \} from 'my-functions'/,
  },
  {
    title: 'a default export without a handler',
    source: 'export default { config: { path: "/x" } };',
    code: 'EXPORT_MISSING',
    message: /without `fetch` and without an event handler/,
  },
  {
    title: 'a misspelt event handler',
    source: 'export default { formSubmited() {} };',
    code: 'EXPORT_MISSING',
    message: /without `fetch`/,
    hint: /did you mean `formSubmitted`/,
  },
  // Names
  {
    title: 'a dot in the name',
    file: 'has.dot.js',
    source: 'exports.handler = async () => {};',
    code: 'FUNCTION_NAME_INVALID',
    message: /"has\.dot" cannot be the name/,
    hint: /Rename has\.dot\.js to has-dot\.js/,
  },
  {
    title: 'a space in the name',
    file: 'my fn.mts',
    source: withConfig('{}'),
    code: 'FUNCTION_NAME_INVALID',
    message: /"my fn"/,
  },
  {
    title: 'an umlaut in the name',
    file: 'grüße.mts',
    source: withConfig('{}'),
    code: 'FUNCTION_NAME_INVALID',
    message: /"grüße"/,
  },
  {
    title: 'a dot in the name of a directory',
    file: 'v1.0/index.mts',
    source: withConfig('{}'),
    code: 'FUNCTION_NAME_INVALID',
    message: /"v1\.0" cannot/,
    hint: /Rename v1\.0 to v1-0/,
  },
  {
    title: "Netlify's own entry name",
    file: '___netlify-entry-point.mjs',
    source: withConfig('{}'),
    code: 'FUNCTION_NAME_INVALID',
    message: /reserved name/,
  },
  // Warnings
  {
    title: 'an unknown key',
    source: withConfig('{ backgroud: true }'),
    severity: 'warning',
    code: 'CONFIG_UNKNOWN_KEY',
    message: /`backgroud` in `config` is not a setting/,
    hint: /Did you mean `background`/,
  },
  {
    title: 'an unknown key that resembles no other key',
    source: withConfig('{ runtime: 1 }'),
    severity: 'warning',
    code: 'CONFIG_UNKNOWN_KEY',
    message: /`runtime`/,
    hint: /Known keys: background, schedule/,
  },
  {
    title: 'a key in the spelling of netlify.toml',
    source: withConfig(`{ included_files: ['x'] }`),
    severity: 'warning',
    code: 'CONFIG_UNKNOWN_KEY',
    message: /`included_files`/,
    hint: /Did you mean `includedFiles`/,
  },
  {
    title: 'an unknown key in retry',
    source: withConfig('{ background: true, retry: { attempts: 2, maxAtempts: 3 } }'),
    severity: 'warning',
    code: 'CONFIG_UNKNOWN_KEY',
    message: /`retry\.(attempts|maxAtempts)`/,
  },
  {
    title: 'retry on a sync function',
    source: withConfig('{ retry: { maxAttempts: 2 } }'),
    severity: 'warning',
    code: 'CONFIG_NO_EFFECT',
    message: /`retry` has no effect/,
  },
  {
    title: 'excludedPath without path',
    source: withConfig(`{ excludedPath: '/x' }`),
    severity: 'warning',
    code: 'CONFIG_NO_EFFECT',
    message: /without `path`/,
  },
  {
    title: 'brackets in a path',
    source: withConfig(`{ path: '/users/[id]' }`),
    severity: 'warning',
    code: 'CONFIG_SUSPICIOUS',
    message: /"\[id\]" in `path` is matched literally/,
    hint: /":id"/,
  },
  {
    title: "ZISI's bundler",
    source: withConfig(`{ nodeBundler: 'zisi' }`),
    severity: 'warning',
    code: 'CONFIG_NO_EFFECT',
    message: /"zisi"/,
  },
  {
    title: 'two configurations',
    source: `export default { fetch() {}, config: { path: '/a' } };\nexport const config = { path: '/b' };`,
    severity: 'warning',
    code: 'CONFIG_TWICE',
    message: /the exported one counts/,
  },
  {
    title: 'a spread of unknown handlers',
    source: `import { handlers } from 'kit';\nexport default { ...handlers };`,
    severity: 'warning',
    code: 'HANDLERS_NOT_STATIC',
    message: /What this spread brings cannot be read/,
    at: '...handlers',
  },
];

test.each(table)(
  '$title is reported with its place and a hint',
  async ({ source, file = 'a.mts', code, severity = 'error', message, hint, at, more = {} }) => {
    const { specs, diagnostics } = await discoverSite({
      ...more,
      [`netlify/functions/${file}`]: source,
    });
    const found = diagnostics.find(
      (diagnostic) => diagnostic.code === code && message.test(diagnostic.message),
    );
    expect(found === undefined ? diagnostics : 'found').toBe('found');
    expect(found).toMatchObject({
      severity,
      functionName: expect.any(String),
      location: { line: expect.any(Number), column: expect.any(Number) },
    });
    expect(found?.hint ?? '').toMatch(hint ?? /^/);
    expect(at ?? underlined(source, found?.location)).toBe(underlined(source, found?.location));
    expect(specs).toHaveLength(severity === 'error' ? 0 : 1);
  },
);

test('a broken function does not hide the others', async () => {
  const { specs, diagnostics } = await discoverSite({
    'netlify/functions/a.js': 'exports.handler = async () => {;',
    'netlify/functions/b.mts': withConfig(`{ background: 'maybe', timeout: 'long' }`),
    'netlify/functions/c.mts': withConfig('{ background: true }'),
  });
  expect(specs.map(({ name }) => name)).toEqual(['c']);
  expect(diagnostics.map(({ functionName, code }) => [functionName, code])).toEqual([
    ['a', 'SYNTAX_ERROR'],
    ['b', invalid],
    ['b', invalid],
  ]);
});
