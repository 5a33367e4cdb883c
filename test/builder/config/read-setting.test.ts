import { describe, expect, test } from 'vitest';
import type { FunctionSpec } from '../../../src/builder/discover/function-spec.ts';
import { discoverSite, underlined } from '../discover/support/temporary-site.ts';

interface Understood {
  /** The in-source configuration. */
  readonly config: string;
  readonly file?: string;
  readonly spec: Partial<FunctionSpec> | { readonly bundling: Partial<FunctionSpec['bundling']> };
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
  /** The text that the location underlines. */
  readonly at: string;
}

const overLimit = 'CONFIG_OVER_LIMIT';
const suspicious = 'CONFIG_SUSPICIOUS';
const noEffect = 'CONFIG_NO_EFFECT';

const understood: readonly Understood[] = [
  {
    config: '{ timeout: 180 }',
    spec: { mode: 'sync', timeoutSeconds: 60 },
    code: overLimit,
    message: /`timeout` is 180 seconds\. A synchronous function runs for at most 60/,
    hint: /Set `background: true`/,
    at: '180',
  },
  {
    config: '{ background: true, timeout: 1800 }',
    spec: { timeoutSeconds: 900 },
    code: overLimit,
    message: /`timeout` is 1800 seconds\. A background function runs for at most 900/,
    hint: /Write 900 or less/,
    at: '1800',
  },
  {
    config: '{ timeout: 1.5 }',
    spec: { timeoutSeconds: 2 },
    code: overLimit,
    message: /`timeout` in `config` is 1\.5; it can be a whole number of seconds, and 2 is used/,
    hint: /Write 2/,
    at: '1.5',
  },
  {
    config: `{ timeout: '9' }`,
    spec: { timeoutSeconds: 9 },
    code: suspicious,
    message: /`timeout` in `config` is the string "9"; it is read as 9\./,
    hint: /Write 9 without quotes/,
    at: `'9'`,
  },
  {
    config: `{ background: 'yes' }`,
    spec: { mode: 'background', timeoutSeconds: 900 },
    code: suspicious,
    message: /`background` in `config` is the string "yes"; it is read as true\./,
    hint: /Write true without quotes/,
    at: `'yes'`,
  },
  {
    config: `{ background: 'False' }`,
    spec: { mode: 'sync' },
    code: suspicious,
    message: /it is read as false\./,
    hint: /Write false without quotes/,
    at: `'False'`,
  },
  {
    config: '{ memory: 512 }',
    spec: { memoryMb: 1024 },
    code: overLimit,
    message: /`memory` in `config` is 512; it can be from 1024 to 4096 MB, and 1024 is used/,
    hint: /Write 1024/,
    at: '512',
  },
  {
    config: `{ memory: '10gb' }`,
    spec: { memoryMb: 4096 },
    code: overLimit,
    message: /is "10gb"; .*and 4096 is used/,
    hint: /Write 4096/,
    at: `'10gb'`,
  },
  {
    config: '{ vcpu: 8 }',
    spec: { vcpu: 2 },
    code: overLimit,
    message: /`vcpu`.*is 8; it can be from 0\.5 to 2 CPUs/,
    hint: /Write 2/,
    at: '8',
  },
  {
    config: '{ background: true, retry: { maxAttempts: 25 } }',
    spec: { retry: { maxAttempts: 10, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 } },
    code: overLimit,
    message: /`retry\.maxAttempts` in `config` is 25; it can be from 1 to 10 attempts/,
    hint: /Write 10/,
    at: '25',
  },
  {
    config: '{ background: true, retry: { maxAttempts: 0 } }',
    spec: { retry: { maxAttempts: 1, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 } },
    code: overLimit,
    message: /`retry\.maxAttempts`.*is 0; .*and 1 is used/,
    hint: /Write 1/,
    at: '0',
  },
  {
    config: '{ background: true, retry: { delaysSeconds: [60, 100000] } }',
    spec: { retry: { maxAttempts: 3, delaysSeconds: [60, 86_400], maxEventAgeSeconds: 21_600 } },
    code: overLimit,
    message: /`retry\.delaysSeconds\.1`.*is 100000; .*86400 is used/,
    hint: /Write 86400/,
    at: '100000',
  },
  {
    config: '{ background: true, retry: { delaysSeconds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] } }',
    spec: {
      retry: {
        maxAttempts: 3,
        delaysSeconds: [1, 2, 3, 4, 5, 6, 7, 8, 9],
        maxEventAgeSeconds: 21_600,
      },
    },
    code: overLimit,
    message: /`retry\.delaysSeconds`.*has 11 items; the first 9 are used/,
    hint: /Remove the others/,
    at: '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]',
  },
  {
    config: '{ background: true, retry: { maxEventAgeSeconds: 604800 } }',
    spec: { retry: { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 86_400 } },
    code: overLimit,
    message: /`retry\.maxEventAgeSeconds`/,
    hint: /Write 86400/,
    at: '604800',
  },
  {
    config: `{ nodeVersion: '18' }`,
    spec: { bundling: { nodeMajor: 22 } },
    code: overLimit,
    message: /is "18"; functions run on Node 22 or 24, and 22 is used/,
    hint: /Write "22"/,
    at: `'18'`,
  },
  {
    config: `{ nodeVersion: 'nodejs26.x' }`,
    spec: { bundling: { nodeMajor: 24 } },
    code: overLimit,
    message: /and 24 is used/,
    hint: /Write "24"/,
    at: `'nodejs26.x'`,
  },
  {
    config: `{ nodeBundler: 'webpack' }`,
    spec: { bundling: { nodeBundler: 'auto' } },
    code: noEffect,
    message: /is "webpack", which is not a bundler that bgfn has/,
    hint: /Remove it/,
    at: `'webpack'`,
  },
  {
    config: `{ region: 'us-east-1' }`,
    spec: { region: 'iad' },
    code: suspicious,
    message: /is "us-east-1", a name of AWS; it is read as "iad"/,
    hint: /Write "iad"/,
    at: `'us-east-1'`,
  },
  {
    config: `{ region: 'eu-west-3' }`,
    spec: { region: undefined },
    code: noEffect,
    message: /Netlify has no region there/,
    hint: /Remove it/,
    at: `'eu-west-3'`,
  },
  {
    config: `{ includedFiles: 'data/{a,b} c.txt' }`,
    spec: { bundling: { includedFiles: ['netlify/functions/data/{a,b} c.txt'] } },
    code: suspicious,
    message: /is a string; it is read as the array \["data\/\{a,b\} c\.txt"\]/,
    hint: /Write \["data/,
    at: `'data/{a,b} c.txt'`,
  },
  {
    config: `{ externalNodeModules: 'sharp, canvas' }`,
    spec: { bundling: { externalNodeModules: ['sharp', 'canvas'] } },
    code: suspicious,
    message: /it is read as the array \["sharp","canvas"\]/,
    hint: /an array of package names/,
    at: `'sharp, canvas'`,
  },
  {
    config: `{ path: '/a', rateLimit: { windowSize: '60', windowLimit: 5 } }`,
    spec: {
      trafficRules: {
        action: {
          type: 'rate_limit',
          config: {
            to: undefined,
            rateLimitConfig: { algorithm: 'sliding_window', windowSize: 60, windowLimit: 5 },
            aggregate: { keys: [{ type: 'domain' }] },
          },
        },
      },
    },
    code: suspicious,
    message: /`rateLimit\.windowSize`.*is the string "60"; it is read as 60/,
    hint: /Write 60/,
    at: `'60'`,
  },
  {
    config: `{ path: '/a', rateLimit: { windowLimit: 5, windowSize: 1, action: 'rewrite' } }`,
    spec: {
      trafficRules: {
        action: {
          type: 'rate_limit',
          config: {
            to: undefined,
            rateLimitConfig: { algorithm: 'sliding_window', windowSize: 1, windowLimit: 5 },
            aggregate: { keys: [{ type: 'domain' }] },
          },
        },
      },
    },
    code: noEffect,
    message: /no `rateLimit.to`: requests over the limit are refused/,
    hint: /Add `to/,
    at: `'rewrite'`,
  },
  {
    config: `{ schedule: '@daily', path: '/x' }`,
    spec: { schedule: '@daily', routes: [] },
    code: noEffect,
    message: /`path` has no effect: a function with a `schedule` is called by the clock/,
    hint: /Remove one of them/,
    at: `'/x'`,
  },
  {
    config: '{ background: false }',
    file: 'a-background.mts',
    spec: { mode: 'background' },
    code: noEffect,
    message: /`background: false` has no effect: the name "a-background" makes it/,
    hint: /rename the function to "a"/,
    at: 'false',
  },
];

describe('a value that is understood does not fail the build', () => {
  test.each(understood)(
    '$config is a warning that says what is used',
    async ({ config, file = 'a.mts', spec, code, message, hint, at }) => {
      const source = `export default async () => new Response('ok');\nexport const config = ${config};\n`;
      const { specs, diagnostics } = await discoverSite({ [`netlify/functions/${file}`]: source });
      expect(diagnostics).toMatchObject([
        {
          severity: 'warning',
          code,
          message: expect.stringMatching(message),
          hint: expect.stringMatching(hint),
          functionName: file.replace('.mts', ''),
        },
      ]);
      expect(underlined(source, diagnostics[0]?.location)).toBe(at);
      expect(specs).toMatchObject([spec]);
    },
  );

  test('a timeout in netlify.toml that only the background functions may have is told once', async () => {
    const source = 'export default async () => {};\n';
    const { specs, diagnostics } = await discoverSite({
      'netlify.toml': '[functions]\ntimeout = 300\n',
      'netlify/functions/a.mts': source,
      'netlify/functions/b.mts': source,
      'netlify/functions/c-background.mts': source,
    });
    expect(specs.map(({ name, timeoutSeconds }) => [name, timeoutSeconds])).toEqual([
      ['a', 60],
      ['b', 60],
      ['c-background', 300],
    ]);
    // The report of a build keeps one of equal findings.
    expect(new Set(diagnostics.map((finding) => JSON.stringify(finding))).size).toBe(1);
    expect(diagnostics[0]).toMatchObject({
      severity: 'warning',
      code: overLimit,
      location: { line: 2 },
    });
    expect(diagnostics[0]?.functionName).toBeUndefined();
  });

  test.each(['esbuild', 'ESBUILD', 'zisi', 'esbuild_zisi'])(
    'node_bundler = "%s" of old guides bundles what can be bundled',
    async (bundler) => {
      const { specs } = await discoverSite({
        'netlify.toml': `[functions]\nnode_bundler = "${bundler}"\n`,
        'netlify/functions/a.mts': 'export default async () => {};\n',
      });
      expect(specs).toMatchObject([{ bundling: { nodeBundler: 'auto' } }]);
    },
  );
});
