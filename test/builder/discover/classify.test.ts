import { expect, test } from 'vitest';
import { discoverSite, specOf } from './support/temporary-site.ts';

const handler = `export default async () => new Response('ok');\n`;

test('the suffix alone makes a background function with the platform’s retries and limits', async () => {
  expect(await specOf('mail-background.mts', handler)).toMatchObject({
    name: 'mail-background',
    mode: 'background',
    streaming: false,
    timeoutSeconds: 900,
    maxPayloadBytes: 262_144,
    retry: { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 },
    priority: 10,
  });
});

test('a function without settings is synchronous, 60 s, 6 MiB, and has no retry', async () => {
  const spec = await specOf('hello.mts', handler);
  expect(spec).toMatchObject({
    mode: 'sync',
    streaming: true,
    timeoutSeconds: 60,
    maxPayloadBytes: 6_291_456,
    routes: [],
    methods: [],
    eventSubscriptions: [],
  });
  expect(spec.retry).toBeUndefined();
  expect(spec.bundling).toMatchObject({ nodeBundler: 'auto', nodeMajor: 24, includedFiles: [] });
});

test('prebuilt zips and Go sources named -background are background functions, unlike in ZISI', async () => {
  const { specs } = await discoverSite({
    'netlify/functions/old-background.zip': 'PK',
    'netlify/functions/work-background/main.go': 'package main\nfunc main() {}\n',
    'netlify/functions/tick-background.go': 'package main\nfunc main() {}\n',
    'netlify/functions/helpers.go': 'package helpers\n',
    'netlify.toml': '[functions.old-background]\nschedule = "@weekly"\n',
  });
  expect(
    specs.map(({ name, mode, timeoutSeconds, entry }) => [name, entry.kind, mode, timeoutSeconds]),
  ).toEqual([
    ['old-background', 'zip', 'background', 900],
    ['tick-background', 'go-source', 'background', 900],
    ['work-background', 'go-source', 'background', 900],
  ]);
  expect(specs[0]?.schedule).toBe('@weekly');
});

test('the rule of netlify.toml with the most literal characters wins, and the source wins over all rules', async () => {
  const { specs } = await discoverSite({
    'netlify/functions/order-mail.mts': handler,
    'netlify/functions/order-pdf.mts': `${handler}export const config = { timeout: 5, memory: 2048 };`,
    'netlify/functions/other.mts': handler,
    'netlify.toml': `
[functions]
timeout = 10
memory = 1024
external_node_modules = ["a"]
[functions."order-*"]
timeout = 20
external_node_modules = ["b", "a"]
vcpu = 1
[functions."order-mail"]
timeout = 30
background = true
retry = { max_attempts = 5 }
[functions."order-mail".destinations]
on_failure = "https://example.com/failed"
`,
  });
  const [mail, pdf, other] = specs;
  expect(mail).toMatchObject({
    name: 'order-mail',
    mode: 'background',
    timeoutSeconds: 30,
    vcpu: 1,
    retry: { maxAttempts: 5, delaysSeconds: [60, 120] },
    destinations: { onFailure: 'https://example.com/failed' },
  });
  expect(mail?.memoryMb).toBeUndefined();
  expect(mail?.bundling.externalNodeModules).toEqual(['a', 'b']);
  expect(pdf).toMatchObject({ timeoutSeconds: 5, memoryMb: 2048 });
  expect(pdf?.vcpu).toBeUndefined();
  expect(other).toMatchObject({ timeoutSeconds: 10, memoryMb: 1024 });
});

test('retry in the source is merged with netlify.toml key by key', async () => {
  const spec = await specOf(
    'a.mts',
    `${handler}export const config = { background: true, retry: { delaysSeconds: [1, 2] } };`,
    { 'netlify.toml': '[functions.retry]\nmax_attempts = 4\n' },
  );
  expect(spec.retry).toEqual({ maxAttempts: 4, delaysSeconds: [1, 2], maxEventAgeSeconds: 21_600 });
});

test('globs in the source are relative to the function, globs in netlify.toml to the project', async () => {
  const spec = await specOf(
    'report/index.mts',
    `${handler}export const config = { includedFiles: ['data/*.csv', '!data/big.csv', '../../shared/x.txt'] };`,
    { 'netlify.toml': '[functions]\nincluded_files = ["templates/**"]\n' },
  );
  expect(spec.bundling.includedFiles).toEqual([
    'templates/**',
    'netlify/functions/report/data/*.csv',
    '!netlify/functions/report/data/big.csv',
    'netlify/shared/x.txt',
  ]);
});

test('every setting is normalized', async () => {
  const spec = await specOf(
    'a.mts',
    `${handler}export const config = {
      background: true, path: ['/a/:id', '/a/:id', '/b'], excludedPath: '/a/secret', method: ['get', 'POST'], preferStatic: true, memory: '2gb', region: 'IAD', nodeVersion: 'v22.3.0',
      nodeBundler: 'nft', name: 'A', generator: 'me', externalNodeModules: ['x'], ignoredNodeModules: ['y'],
      rateLimit: { windowSize: 60, windowLimit: 10, aggregateBy: 'ip', action: 'rewrite', to: '/slow' },
    };`,
  );
  expect(spec).toMatchObject({
    routes: [
      {
        pattern: '/a/:id',
        expression: String.raw`^\/a(?:\/([^\/]+?))\/?$`,
        methods: ['GET', 'POST'],
        prefer_static: true,
      },
      { pattern: '/b', literal: '/b', methods: ['GET', 'POST'], prefer_static: true },
    ],
    excludedRoutes: [{ pattern: '/a/secret', literal: '/a/secret' }],
    methods: ['GET', 'POST'],
    memoryMb: 2048,
    region: 'iad',
    displayName: 'A',
    generator: 'me',
    trafficRules: {
      action: {
        type: 'rewrite',
        config: {
          to: '/slow',
          rateLimitConfig: { algorithm: 'sliding_window', windowSize: 60, windowLimit: 10 },
          aggregate: { keys: [{ type: 'ip' }] },
        },
      },
    },
    bundling: {
      nodeBundler: 'nft',
      nodeMajor: 22,
      externalNodeModules: ['x'],
      ignoredNodeModules: ['y'],
    },
  });
});

test('a rate limit counts per domain by default', async () => {
  const spec = await specOf(
    'a.mts',
    `${handler}export const config = { rateLimit: { windowSize: 60, windowLimit: 10 } };`,
  );
  expect(spec.trafficRules).toEqual({
    action: {
      type: 'rate_limit',
      config: {
        rateLimitConfig: { algorithm: 'sliding_window', windowSize: 60, windowLimit: 10 },
        aggregate: { keys: [{ type: 'domain' }] },
      },
    },
  });
});

test.each([
  ['deploy-building', 'deploy_building'],
  ['deploy-succeeded-background', 'deploy_succeeded'],
  ['submission-created', 'submission_created'],
  ['split-test-modified', 'split_test_modified'],
  ['identity-login', 'identity_login'],
])('the name %s subscribes to %s', async (name, slug) => {
  expect((await specOf(`${name}.mts`, handler)).eventSubscriptions).toEqual([slug]);
});

test('event handlers of the default export become event subscriptions', async () => {
  const spec = await specOf(
    'a.mts',
    `export default { fetch() {}, deploySucceeded() {}, userModified: async () => {}, userDeleted, other: 1 };\nfunction userDeleted() {}`,
  );
  expect(spec.eventSubscriptions).toEqual([
    'fetch',
    'deploy_succeeded',
    'identity_usermodified',
    'identity_userdeleted',
  ]);
});

test('functions that a framework generated have priority 0 and lose against the author’s functions', async () => {
  const { specs } = await discoverSite({
    '.netlify/functions-internal/ssr.mjs': handler,
    '.netlify/functions-internal/both.mjs': handler,
    'netlify/functions/both.mts': handler,
  });
  expect(specs.map(({ name, priority, generator }) => [name, priority, generator])).toEqual([
    ['both', 10, undefined],
    ['ssr', 0, 'internalFunc'],
  ]);
});

test('two functions with the same path are reported, unless their methods differ', async () => {
  const withRoute = (path: string, method: string): string =>
    `${handler}export const config = { path: '${path}', method: '${method}' };`;
  const files = {
    'netlify/functions/a.mts': withRoute('/x/:id', 'GET'),
    'netlify/functions/b.mts': withRoute('/x/:key', 'POST'),
  };
  expect((await discoverSite(files)).diagnostics).toEqual([]);
  const { specs, diagnostics } = await discoverSite({
    ...files,
    'netlify/functions/c.mts': withRoute('/x/:name', 'GET'),
  });
  expect(specs).toHaveLength(3);
  expect(diagnostics).toMatchObject([
    {
      severity: 'warning',
      code: 'ROUTE_CONFLICT',
      message: 'The functions "a" and "c" both have the path "/x/:name".',
      functionName: 'c',
    },
  ]);
});

test('a wrong value from another file is located in that file', async () => {
  const { diagnostics } = await discoverSite({
    'netlify/functions/a.mts': `import settings from '../lib/settings.json' with { type: 'json' };\n${handler}export const config = { ...settings };`,
    'netlify/lib/settings.json': '{\n  "timeout": "a"\n}\n',
  });
  expect(diagnostics).toMatchObject([
    {
      code: 'CONFIG_INVALID',
      location: { file: expect.stringMatching(/settings\.json$/), line: 2, column: 14, length: 3 },
    },
  ]);
});

test('settings that a framework wrote beside its function apply, and the source wins over them', async () => {
  const { specs, diagnostics } = await discoverSite({
    'netlify.toml': '[functions]\ntimeout = 10\n',
    '.netlify/functions-internal/ssr/ssr.mjs': `${handler}export const config = { name: 'Own name' };`,
    '.netlify/functions-internal/ssr/ssr.json': JSON.stringify({
      version: 1,
      config: {
        name: 'Server',
        generator: 'kit@1',
        nodeBundler: 'none',
        timeout: 20,
        includedFiles: ['dist/**'],
        nodeModuleFormat: 'esm',
      },
    }),
    'netlify/functions/own.mjs': handler,
    'netlify/functions/own.json': JSON.stringify({ version: 1, config: { timeout: 5 } }),
  });
  expect(diagnostics).toEqual([]);
  expect(specs[0]).toMatchObject({ name: 'own', timeoutSeconds: 10 });
  expect(specs[1]).toMatchObject({
    name: 'ssr',
    displayName: 'Own name',
    generator: 'kit@1',
    timeoutSeconds: 20,
    priority: 0,
    bundling: { nodeBundler: 'none', includedFiles: ['dist/**'] },
  });
});

test('broken settings beside a generated function are reported', async () => {
  const { specs, diagnostics } = await discoverSite({
    '.netlify/functions-internal/a.mjs': handler,
    '.netlify/functions-internal/a.json': '{ "version": 1',
    '.netlify/functions-internal/b.mjs': handler,
    '.netlify/functions-internal/b.json': '{ "version": 1, "config": { "timeout": "long" } }',
  });
  expect(specs).toEqual([]);
  expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
    [
      'CONFIG_UNREADABLE',
      expect.stringContaining('The settings of the generated function "a" cannot be read'),
    ],
    ['CONFIG_INVALID', expect.stringContaining('`timeout` in b.json must be')],
  ]);
});
