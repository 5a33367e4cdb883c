import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { manifestSchema } from '../../src/manifest/schema.ts';
import { runCommand } from '../support/command.ts';
import { createProject } from '../support/project.ts';

const hello = `export default async (req) => console.log('hello', await req.text());`;

describe('wrong usage', () => {
  const cases: readonly (readonly [
    what: string,
    command: 'bgfn' | 'bgfn-build',
    args: readonly string[],
    message: RegExp,
  ])[] = [
    ['an unknown flag of the build', 'bgfn-build', ['--frobnicate'], /--frobnicate/],
    ['an unknown command', 'bgfn', ['frobnicate'], /frobnicate/],
    ['a port that is no number', 'bgfn', ['serve', '--port', 'http'], /port/i],
    ['a negative concurrency', 'bgfn', ['serve', '--concurrency', '-1'], /concurrency/i],
    [
      'retry delays that are no numbers',
      'bgfn',
      ['serve', '--retry-delays', '2,soon'],
      /retry-delays/i,
    ],
    ['artifacts that are not there', 'bgfn', ['serve', 'nowhere', '--port', '0'], /nowhere/],
    ['a functions directory that is not there', 'bgfn-build', ['nowhere'], /nowhere/],
    [
      'a configuration file that is not there',
      'bgfn-build',
      ['--config', 'nowhere.toml'],
      /nowhere\.toml/,
    ],
    [
      'a queue that is not there',
      'bgfn',
      ['invocations', 'list', '--store', 'nowhere.db'],
      /nowhere\.db/,
    ],
  ];

  test.each(cases)(
    '%s: exit 2, one message and no stack of bgfn',
    async (_what, command, args, message) => {
      await using site = await createProject({ 'netlify/functions/hello-background.mjs': hello });
      const { code, output } = await runCommand(command, args, { cwd: site.directory });
      expect(output).toMatch(message);
      expect(output).not.toMatch(/^\s+at .*src\/cli/m);
      expect(code).toBe(2);
    },
  );
});

describe('a build with errors', () => {
  test('reports every broken function in one run, with file and line, and leaves the last good build as it was', async () => {
    await using site = await createProject({ 'netlify/functions/good-background.mjs': hello });
    await site.build();
    const before = await readFile(site.path('.netlify/functions/manifest.json'), 'utf8');
    await site.write({
      'netlify/functions/broken.mjs': 'export default async () => {\n  const x = ;\n};\n',
      'netlify/functions/wrong-config.mjs': `export default async () => {};\nexport const config = { background: 'maybe' };\n`,
      'netlify/functions/missing.mjs': `import x from 'no-such-package-anywhere';\nexport default async () => new Response(x);\n`,
    });
    const { code, output } = await runCommand('bgfn-build', [], { cwd: site.directory });
    expect(code).toBe(1);
    expect(output).toMatch(/broken\.mjs:2:\d+/);
    expect(output).toMatch(/wrong-config\.mjs:2:\d+/);
    expect(output).toMatch(/missing\.mjs:1:\d+/);
    await expect(readFile(site.path('.netlify/functions/manifest.json'), 'utf8')).resolves.toBe(
      before,
    );
  });
});

describe('what the commands print', () => {
  test('bgfn-build tells its version', async () => {
    const site = await createProject({});
    const { code, output } = await runCommand('bgfn-build', ['--version'], { cwd: site.directory });
    expect(code).toBe(0);
    expect(output.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });
  test('bgfn-build --json prints one document on stdout, the manifest in it', async () => {
    await using site = await createProject({ 'netlify/functions/hello-background.mjs': hello });
    const { code, stdout } = await runCommand('bgfn-build', ['--json'], { cwd: site.directory });
    expect(code).toBe(0);
    const document: unknown = JSON.parse(stdout);
    expect(document).toMatchObject({
      manifest: {
        functions: [{ name: 'hello-background', invocationMode: 'background', timeout: 900 }],
      },
    });
  });

  test('bgfn list names functions and modes without building', async () => {
    await using site = await createProject({
      'netlify/functions/hello-background.mjs': hello,
      'netlify/functions/api.mjs': hello,
    });
    const { code, stdout } = await runCommand('bgfn', ['list'], { cwd: site.directory });
    expect(code).toBe(0);
    expect(stdout).toMatch(/hello-background\s+background/);
    expect(stdout).toMatch(/api\s+sync/);
  });

  test('bgfn invoke --wait follows an invocation to its end, and the exit code reports the outcome', async () => {
    await using site = await createProject({
      'netlify/functions/hello-background.mjs': hello,
      'netlify/functions/fails-background.mjs': `export default async () => { throw new RangeError('never'); };`,
    });
    await site.build();
    await using server = await site.serve(['--retry-delays', '0.05,0.05']);
    const invoke = (name: string): ReturnType<typeof runCommand> =>
      runCommand('bgfn', ['invoke', name, '--payload', 'Ada', '--wait', '--url', server.url], {
        cwd: site.directory,
      });
    const [good, bad] = [await invoke('hello-background'), await invoke('fails-background')];
    expect(good.output).toContain('hello Ada');
    expect(good.code).toBe(0);
    expect(bad.output).toContain('RangeError');
    expect(bad.code).toBe(1);

    const listed = await runCommand('bgfn', ['invocations', 'list', '--json'], {
      cwd: site.directory,
    });
    expect(listed.stdout).toContain('fails-background');
    const logs = await runCommand('bgfn', ['logs', 'hello-background'], { cwd: site.directory });
    expect(logs.output).toContain('hello Ada');
  });

  test('bgfn invoke prints only the id; with --json one document, or one per line', async () => {
    await using site = await createProject({
      'netlify/functions/hello-background.mjs': hello,
      'netlify/functions/fails-background.mjs': `export default async () => { throw new RangeError('never'); };\nexport const config = { retry: { maxAttempts: 1 } };`,
      'netlify/functions/teapot.mjs': `export default async () => new Response('short', { status: 418 });`,
    });
    await site.build();
    await using server = await site.serve();
    const invoke = (...args: readonly string[]): ReturnType<typeof runCommand> =>
      runCommand('bgfn', ['invoke', ...args, '--url', server.url], { cwd: site.directory });
    expect((await invoke('hello-background')).stdout).toMatch(/^[0-9A-Z]{26}\n$/);
    expect(JSON.parse((await invoke('hello-background', '--json')).stdout)).toEqual({
      id: expect.stringMatching(/^[0-9A-Z]{26}$/) as string,
    });
    const teapot = await invoke('teapot', '--json');
    expect([teapot.code, JSON.parse(teapot.stdout)]).toMatchObject([
      1,
      { statusCode: 418, body: 'short', isBase64Encoded: false },
    ]);
    const followed = await invoke('fails-background', '--wait', '--json');
    expect(followed.code).toBe(1);
    expect(
      followed.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)
        .at(-1),
    ).toMatchObject({ state: 'failed', lastError: { message: 'never' } });
  });

  test('the manifest has no absolute path and no time', async () => {
    await using site = await createProject({ 'netlify/functions/hello-background.mjs': hello });
    await site.build();
    const text = await readFile(site.path('.netlify/functions/manifest.json'), 'utf8');
    expect(text).not.toContain(site.directory);
    expect(text).not.toContain('timestamp');
    expect(manifestSchema.parse(JSON.parse(text)).functions[0]).toMatchObject({
      mainFile: 'netlify/functions/hello-background.mjs',
      path: '.netlify/functions/hello-background.zip',
      retry: { maxAttempts: 3, delaysSeconds: [60, 120] },
    });
  });
});
