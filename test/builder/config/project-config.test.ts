import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  loadProjectConfig,
  type ProjectConfig,
} from '../../../src/builder/config/project-config.ts';
import { BgfnError } from '../../../src/diagnostic/bgfn-error.ts';
import { TemporarySite, underlined, type SiteFiles } from '../discover/support/temporary-site.ts';

async function directoriesOf(files: SiteFiles, given?: readonly string[]): Promise<string[]> {
  await using site = await TemporarySite.create(files);
  const config = await site.config(given === undefined ? {} : { functionsDirectories: given });
  return config.functionsDirectories.map((directory) => path.relative(site.directory, directory));
}

async function errorOf(
  files: SiteFiles,
  options: Parameters<TemporarySite['config']>[0] = {},
): Promise<BgfnError> {
  await using site = await TemporarySite.create(files);
  try {
    await site.config(options);
  } catch (error) {
    if (error instanceof BgfnError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

async function load(toml: string): Promise<ProjectConfig> {
  await using site = await TemporarySite.create({ 'netlify.toml': toml });
  return await site.config();
}

describe('the functions directory', () => {
  test('is netlify/functions by default', async () => {
    expect(await directoriesOf({})).toEqual(['netlify/functions']);
  });
  test('is the one in [functions], which wins over [build]', async () => {
    expect(
      await directoriesOf({
        'netlify.toml': '[build]\nfunctions = "old"\n[functions]\ndirectory = "/src/fns/"\n',
        'src/fns/a.js': '',
      }),
    ).toEqual(['src/fns']);
    expect(
      await directoriesOf({ 'netlify.toml': '[build]\nfunctions = "old"\n', 'old/a.js': '' }),
    ).toEqual(['old']);
  });
  test('is relative to [build] base', async () => {
    expect(
      await directoriesOf({
        'netlify.toml': '[build]\nbase = "site"\n',
        'site/netlify/functions/a.js': '',
      }),
    ).toEqual(['site/netlify/functions']);
  });
  test('is relative to netlify.toml where that is in the base itself', async () => {
    const base = 'apps/web';
    await using site = await TemporarySite.create({
      [`${base}/netlify.toml`]: `[build]\nbase = "/${base}/"\n`,
      [`${base}/netlify/functions/a.js`]: '',
    });
    const config = await loadProjectConfig({ projectDirectory: path.join(site.directory, base) });
    expect(config.siteDirectory).toBe(config.projectDirectory);
  });
  test('is the one on the command line, which wins over netlify.toml', async () => {
    expect(
      await directoriesOf(
        { 'netlify.toml': '[functions]\ndirectory = "gone"\n', 'one/a.js': '', 'two/b.js': '' },
        ['one', 'two', 'one'],
      ),
    ).toEqual(['one', 'two']);
  });
  test('comes after the directory that a framework generated', async () => {
    expect(await directoriesOf({ '.netlify/functions-internal/ssr.mjs': '' })).toEqual([
      '.netlify/functions-internal',
      'netlify/functions',
    ]);
  });
  test('that is missing is an error that says what to do', async () => {
    const error = await errorOf({ 'netlify.toml': '[functions]\ndirectory = "gone"\n' });
    expect(error).toMatchObject({
      code: 'FUNCTIONS_DIRECTORY_MISSING',
      kind: 'config',
      message: expect.stringMatching(/gone does not exist/),
      hint: expect.stringMatching(/netlify\.toml names it \("gone"\)/),
    });
    expect(await errorOf({}, { functionsDirectories: ['nope'] })).toMatchObject({
      kind: 'config',
      hint: expect.stringMatching(/command line/),
    });
  });
  test('that is a file is an error', async () => {
    expect(
      await errorOf({ 'netlify.toml': '[functions]\ndirectory = "a"\n', a: '' }),
    ).toMatchObject({ code: 'FUNCTIONS_DIRECTORY_NOT_A_DIRECTORY', kind: 'config' });
  });
});

describe('netlify.toml', () => {
  test('may be missing, unless the options name it', async () => {
    expect((await load('')).rules).toEqual([]);
    expect(await errorOf({}, { configFile: 'other.toml' })).toMatchObject({
      code: 'CONFIG_UNREADABLE',
      kind: 'config',
      message: expect.stringMatching(/other\.toml does not exist/),
    });
  });
  test('with a syntax error is an error with the line of the mistake', async () => {
    const error = await errorOf({ 'netlify.toml': '[functions]\ntimeout = = 5\n' });
    expect(error.kind).toBe('config');
    expect(error.diagnostics).toMatchObject([{ code: 'CONFIG_SYNTAX', location: { line: 2 } }]);
  });

  const wrong: readonly (readonly [toml: string, message: RegExp, line: number, at: string])[] = [
    [
      '[functions]\ntimeout = "long"',
      /`timeout` in netlify\.toml must be a whole number.*; it is "long"/,
      2,
      'timeout = "long"',
    ],
    ['[functions]\nbackground = 1', /`background`.*true or false/, 2, 'background = 1'],
    [
      '[functions]\n\n[functions."mail-*"] # mails\n  memory = -100 # MB',
      /`memory`.*1024 to 4096.*; it is -100/,
      4,
      'memory = -100',
    ],
    ['[functions.mail]\nschedule = "daily"', /`schedule`.*five fields/, 2, 'schedule = "daily"'],
    [
      '[functions.mail]\nexternal_node_modules = 5',
      /`external_node_modules`.*array of package names/,
      2,
      'external_node_modules = 5',
    ],
    [
      '[functions.mail]\nretry = { max_attempts = "many" }',
      /`retry\.max_attempts`.*from 1 to 10.*; it is "many"/,
      2,
      'retry = { max_attempts = "many" }',
    ],
    [
      '[functions.mail.retry]\nmax_attempts = -1',
      /`retry\.max_attempts`.*; it is -1/,
      2,
      'max_attempts = -1',
    ],
    [
      '[functions.mail.destinations]\non_failure = "nowhere"',
      /`destinations\.on_failure`.*URL/,
      2,
      'on_failure = "nowhere"',
    ],
    [
      '[functions]\ndirectory = 7',
      /`functions\.directory` in netlify\.toml is wrong/,
      2,
      'directory = 7',
    ],
    ['functions = "src"', /`functions` in netlify\.toml is wrong/, 1, 'functions = "src"'],
    ['[functions]\nmail.timeout = 0', /`timeout`.*; it is 0/, 2, 'mail.timeout = 0'],
  ];
  test.each(wrong)('%j is an error', async (toml, message, line, at) => {
    const { diagnostics, kind } = await errorOf({ 'netlify.toml': toml });
    expect(kind).toBe('config');
    expect(diagnostics).toMatchObject([
      {
        severity: 'error',
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(message),
        location: { line },
      },
    ]);
    expect(underlined(toml, diagnostics[0]?.location)).toBe(at);
  });

  test('with several errors reports all of them at once', async () => {
    expect(
      (await errorOf({ 'netlify.toml': '[functions]\ntimeout = 0\nvcpu = -9\n' })).diagnostics,
    ).toHaveLength(2);
  });

  test.each([
    [
      '[functions]\nextrenal_node_modules = []',
      /`extrenal_node_modules`/,
      /Did you mean `external_node_modules`/,
    ],
    ['[functions.a]\nincludedFile = []', /`includedFile`/, /Did you mean `included_files`/],
    [
      '[functions.a]\npath = "/x"',
      /`path` in netlify\.toml has no effect there/,
      /the function's own `config`/,
    ],
    [
      '[functions.a]\nretry = { attempts = 3 }',
      /`retry\.attempts`/,
      /Known keys: max_attempts|Did you mean `max_attempts`/,
    ],
    [
      '[context.production.functions]\ntimeout = 9',
      /`\[context\.production\.functions\]`/,
      /Move the settings to \[functions\]/,
    ],
  ])('%j is a warning', async (toml, message, hint) => {
    expect((await load(toml)).warnings).toMatchObject([
      {
        severity: 'warning',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      },
    ]);
  });

  test('may have sections and keys of other tools', async () => {
    const config = await load(
      '[build]\ncommand = "x"\n[[redirects]]\nfrom = "/a"\n[functions]\ndeno_import_map = "x"\n[functions.timeout]\nbackground = true\n',
    );
    expect(config.warnings).toEqual([]);
    expect(config.rules.map(({ glob, settings }) => [glob, settings])).toEqual([
      ['timeout', { background: true }],
    ]);
  });

  test.each([
    '[context.production]\ncommand = "make publish"',
    '[context.production.environment]\nNODE_ENV = "production"',
    '[context.deploy-preview]\n[context.branch-deploy]\ncommand = "x"\n[context."feat/a"]\npublish = "y"',
    '[[context.production.plugins]]\npackage = "x"',
  ])('may have a deploy context without function settings: %j', async (toml) => {
    expect((await load(toml)).warnings).toEqual([]);
  });
});
