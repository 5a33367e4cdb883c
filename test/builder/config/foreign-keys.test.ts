import { describe, expect, test } from 'vitest';
import { discoverSite, TemporarySite, underlined } from '../discover/support/temporary-site.ts';

const handler = `export default async () => new Response('ok');\n`;

const keys: readonly (readonly [config: string, problem: RegExp, hint: RegExp])[] = [
  [
    `{ type: 'experimental-background' }`,
    /`type` in `config` does not make a background function: the caller waits/,
    /^Write `background: true`, or end the name of the function in "-background"\.$/,
  ],
  [`{ type: 'background' }`, /does not make a background function/, /`background: true`/],
  ['{ isBackground: true }', /does not make a background function/, /`background: true`/],
  ['{ async: true }', /does not make a background function/, /`background: true`/],
  [
    `{ background: true, type: 'experimental-background' }`,
    /has no effect: the function is a background function without it/,
    /^Remove it\.$/,
  ],
  [`{ type: 'experimental-scheduled' }`, /does not schedule the function/, /`schedule: "@daily"`/],
  [
    `{ type: 'experimental-scheduled', schedule: '@hourly' }`,
    /has no effect: `schedule` alone decides/,
    /^Remove it\.$/,
  ],
  [`{ runtime: 'edge' }`, /built for Node\.js, not for the edge/, /netlify\/edge-functions/],
  [`{ runtime: 'nodejs22.x' }`, /every function runs on Node\.js/, /`nodeVersion: "22"`/],
  [`{ runtime: 'nodejs' }`, /every function runs on Node\.js/, /^Remove it\.$/],
  [
    `{ cron: '0 8 * * *' }`,
    /`cron` in `config` is not read/,
    /^Write `schedule: "0 8 \* \* \*"`\.$/,
  ],
  ['{ maxDuration: 30 }', /is not read/, /^Write `timeout: 30`\.$/],
  ['{ timeout: 20, maxDuration: 30 }', /is not read/, /^Remove it: `timeout` is set\.$/],
  ['{ timeoutMs: 2500 }', /is not read/, /^Write `timeout: 3`\.$/],
  ['{ memorySize: 2048 }', /is not read/, /^Write `memory: 2048`\.$/],
  [`{ regions: ['iad1'] }`, /is not read/, /^Write `region: "iad"`\.$/],
  [`{ preferredRegion: 'fra1' }`, /is not read/, /^Write `region: "fra"`\.$/],
  [`{ matcher: '/api/*' }`, /is not read/, /^Write `path: "\/api\/\*"`\.$/],
  [`{ methods: ['GET', 'POST'] }`, /is not read/, /^Write `method: \["GET","POST"\]`\.$/],
  [`{ includeFiles: ['data/**'] }`, /is not read/, /^Write `includedFiles: \["data\/\*\*"\]`\.$/],
  ['{ retries: 4 }', /is not read/, /^Write `retry: \{ maxAttempts: 5 \}`\.$/],
  ['{ maxAttempts: 4 }', /is not read/, /^Write `retry: \{ maxAttempts: 4 \}`\.$/],
  ['{ api: { bodyParser: false } }', /a setting of Next\.js .* unparsed/, /^Remove it\.$/],
];

describe('a key of another platform is a warning that says what to write', () => {
  test.each(keys)('%s', async (config, problem, hint) => {
    const { specs, diagnostics } = await discoverSite({
      'netlify/functions/a.mts': `${handler}export const config = ${config};\n`,
    });
    expect(specs).toHaveLength(1);
    expect(diagnostics).toMatchObject([
      {
        severity: 'warning',
        code: 'CONFIG_UNKNOWN_KEY',
        message: expect.stringMatching(problem),
        hint: expect.stringMatching(hint),
        functionName: 'a',
      },
    ]);
  });

  test.each([
    ['the name', 'a-background.mts', ''],
    ['netlify.toml', 'a.mts', '[functions.a]\nbackground = true\n'],
  ])('type is not needed where %s makes the background function', async (_what, file, toml) => {
    const { diagnostics } = await discoverSite({
      'netlify.toml': toml,
      [`netlify/functions/${file}`]: `${handler}export const config = { type: 'experimental-background' };\n`,
    });
    expect(diagnostics).toMatchObject([{ hint: 'Remove it.' }]);
  });

  test.each([
    ['cron = "@daily"', /^Write `schedule = "@daily"`\.$/],
    ['max_duration = 30', /^Write `timeout = 30`\.$/],
    ['type = "background"', /^Write `background = true`/],
    ['max_retries = 1', /^Write `retry = \{ max_attempts = 2 \}`\.$/],
  ])('in netlify.toml as well: %s', async (line, hint) => {
    await using site = await TemporarySite.create({ 'netlify.toml': `[functions.a]\n${line}\n` });
    expect((await site.config()).warnings).toMatchObject([
      { severity: 'warning', hint: expect.stringMatching(hint), location: { line: 2 } },
    ]);
  });

  test('a hint that is followed leaves no warning', async () => {
    const { specs, diagnostics } = await discoverSite({
      'netlify/functions/a.mts': `${handler}export const config = { background: true, schedule: '@daily', retry: { maxAttempts: 5 } };\n`,
    });
    expect(diagnostics).toEqual([]);
    expect(specs).toMatchObject([{ mode: 'background', schedule: '@daily' }]);
  });
});

describe('settings that are exported one by one', () => {
  test.each([
    ['export const maxDuration = 50;', 'maxDuration', /config = \{ timeout: 50 \}/],
    ['export const background = true;', 'background', /config = \{ background: true \}/],
    [`export const schedule = '@daily';`, 'schedule', /config = \{ schedule: "@daily" \}/],
    [`export const runtime = 'edge';`, 'runtime', /netlify\/edge-functions/],
  ])('%s is a warning', async (line, at, hint) => {
    const source = `${handler}${line}\n`;
    const { diagnostics } = await discoverSite({ 'netlify/functions/a.mts': source });
    expect(diagnostics).toMatchObject([
      { severity: 'warning', code: 'CONFIG_UNKNOWN_KEY', hint: expect.stringMatching(hint) },
    ]);
    expect(underlined(source, diagnostics[0]?.location)).toMatch(at);
  });

  test.each([
    `export const schedule = '@daily';\nexport const config = { schedule };`,
    `export const cron = '@daily';\nexport const config = { schedule: cron };`,
    `export const schedule = (cron: string) => cron;`,
    `export const background = 'blue';`,
    `export const runtime = 'nodejs';`,
  ])('%j needs none', async (lines) => {
    const { diagnostics } = await discoverSite({ 'netlify/functions/a.mts': handler + lines });
    expect(diagnostics).toEqual([]);
  });
});
