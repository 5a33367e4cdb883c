import { once } from 'node:events';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeArtifacts } from '../../runtime/support/artifacts.ts';
import { startCommand } from '../../support/command.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(path.join(await realpath(tmpdir()), 'bgfn-serve-'));
  await writeArtifacts(path.join(cwd, 'artifacts'), [
    {
      name: 'hello',
      source:
        'export const handler = async () => ({ statusCode: 200, body: process.env.FROM_FILE ?? "unset" });',
    },
    {
      name: 'forever-background',
      source:
        'export const handler = () => new Promise(() => { console.log("running"); setInterval(() => {}, 1000); });',
    },
    { name: 'hourly', schedule: '0 * * * *' },
  ]);
});
afterAll(async () => {
  await rm(cwd, { recursive: true, force: true });
});

const serve = (...args: readonly string[]) =>
  startCommand('bgfn', ['serve', 'artifacts', '--port', '0', '--admin-port', 'off', ...args], {
    cwd,
  });

describe('bgfn serve', () => {
  test('shows where it listens and every function on stderr, log lines on stdout, and ends with 0 at SIGTERM', async () => {
    await using command = serve('--store', 'a/queue.db', '--retry-delays', '2,4');
    const [, url] = await command.line(/at (http:\/\/127\.0\.0\.1:\d+)$/);
    await command.line(/development only/);
    await command.line(/^hello +sync +js +any +http:.*\/\.netlify\/functions\/hello$/);
    await command.line(/^forever-background +background/);
    await command.line(/^hourly .* 0 \* \* \* \* UTC$/);
    await fetch(`${url}/.netlify/functions/forever-background`, { method: 'POST' });
    await command.line(/forever-background .*#1 running$/);
    expect(command.stdout).toMatch(/^\S+ forever-background \S+#1 running\n/);
    expect(command.stdout).not.toContain('development only');
    command.kill('SIGTERM');
    await command.line(/^Stopping/);
    command.kill('SIGINT');
    expect(await command.exited).toMatchObject({ code: 130 });
  });

  test('drains within its time limit, requeues interrupted runs and ends with 0', async () => {
    await using command = serve('--store', 'b/queue.db', '--drain-timeout', '0.1s', '--json');
    const [, url] = await command.line(/at (http:\/\/127\.0\.0\.1:\d+)$/);
    await fetch(`${url}/.netlify/functions/forever-background`, { method: 'POST' });
    await command.line(/"msg":"running"/);
    command.kill('SIGINT');
    await command.line(/back in the queue/);
    expect(await command.exited).toEqual({ code: 0, signal: null });
    for (const line of command.stdout.trim().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({
        level: expect.stringMatching(/^(?:info|warn)$/),
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        function: 'forever-background',
        invocation: expect.any(String),
        attempt: 1,
        msg: expect.any(String),
      });
    }
  });

  test('reloads a new build at SIGHUP, and keeps the old one when the new one is broken', async () => {
    const artifacts = path.join(cwd, 'reloaded');
    await writeArtifacts(artifacts, [{ name: 'one' }]);
    await using command = startCommand(
      'bgfn',
      ['serve', 'reloaded', '--port', '0', '--admin-port', 'off', '--store', 'd/queue.db'],
      { cwd },
    );
    const [, url] = await command.line(/at (http:\/\/127\.0\.0\.1:\d+)$/);
    await command.line(/^one /);
    await writeArtifacts(artifacts, [{ name: 'one' }, { name: 'two' }]);
    command.kill('SIGHUP');
    await command.line(/^Reloaded: 2 functions/);
    expect((await fetch(`${url}/.netlify/functions/two`)).status).toBe(200);
    await writeFile(path.join(artifacts, 'manifest.json'), '{');
    command.kill('SIGHUP');
    await command.line(/manifest\.json/);
    expect((await fetch(`${url}/.netlify/functions/two`)).status).toBe(200);
  });

  test('reads the .env file of its working directory, or the files of --dotenv instead', async () => {
    await writeFile(path.join(cwd, '.env'), 'FROM_FILE=default\n');
    await writeFile(path.join(cwd, 'other.env'), 'FROM_FILE=other\n');
    for (const [args, value] of [
      [[], 'default'],
      [['--dotenv', 'other.env'], 'other'],
    ] as const) {
      await using command = serve('--store', 'c/queue.db', ...args);
      const [, url] = await command.line(/at (http:\/\/127\.0\.0\.1:\d+)$/);
      expect(await (await fetch(`${url}/.netlify/functions/hello`)).text()).toBe(value);
    }
    await rm(path.join(cwd, '.env'));
  });

  const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'a database it does not know',
      ['--store', 'postgres://user:secret@host/db'],
      /postgres databases are not supported/,
    ],
    ['a directory without a manifest', ['nowhere'], /There is no manifest\.json/],
    ['delays that are none', ['--retry-delays', '2,soon'], /seconds separated by commas/],
    ['a delay without end', ['--retry-delays', '2,99999999999999999999'], /86400 at most/],
    ['a port that is none', ['--port', '70000'], /from 0 to 65535/],
    [
      'an admin port for everybody without a token',
      ['--admin-port', '0', '--admin-host', '0.0.0.0'],
      /BGFN_ADMIN_TOKEN/,
    ],
  ];
  test.each(mistakes)(
    'given %s prints one message and ends with 2',
    async (_what, args, message) => {
      await using command = startCommand(
        'bgfn',
        [
          'serve',
          ...(args[0] === 'nowhere' ? [] : ['artifacts', '--port', '0']),
          '--admin-port',
          'off',
          '--store',
          'd/queue.db',
          ...args,
        ],
        { cwd },
      );
      expect(await command.exited).toEqual({ code: 2, signal: null });
      expect(command.output).toMatch(message);
      expect(command.output).not.toMatch(/secret|^\s+at /m);
    },
  );

  test('says that the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String((taken.address() as AddressInfo).port);
    await using command = serve('--store', 'e/queue.db', '--port', port);
    expect(await command.exited).toEqual({ code: 2, signal: null });
    expect(command.output).toContain(`Port ${port} on 127.0.0.1 is taken`);
    taken.close();
  });
});
