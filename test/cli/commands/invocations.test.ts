import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCall } from '../../../src/runtime/calls/stored-call.ts';
import type { NewLogLine } from '../../../src/runtime/logs/log-store.ts';
import { openLogStore } from '../../../src/runtime/logs/sqlite-log-store.ts';
import { openSqliteStore } from '../../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import { runCommand } from '../../support/command.ts';
import { runInProcess } from '../support/run-in-process.ts';

const hourMs = 3_600_000;
const nowMs = Date.now();
const retry = { maxAttempts: 1, delaysSeconds: [], maxEventAgeSeconds: 21_600 };
let cwd: string;

/**
 * Fills a queue like a day of work: 60 failed calls of `mail`, one failed call of `image`, one
 * queued, one succeeded, and some log lines.
 */
beforeAll(async () => {
  cwd = await mkdtemp(path.join(await realpath(tmpdir()), 'bgfn-invocations-'));
  const store = await openSqliteStore({ file: path.join(cwd, '.bgfn', 'queue.db') });
  const accept = (
    id: string,
    functionName: string,
    atMs: number,
    payload: Uint8Array = Buffer.from('{}'),
  ) => store.accept([{ kind: 'call', id, functionName, payload, retry }], atMs);
  for (let index = 0; index < 60; index += 1) {
    await accept(`MAIL${String(index).padStart(4, '0')}`, 'mail', nowMs - 2 * hourMs + index);
  }
  const call = {
    method: 'POST',
    origin: 'http://localhost',
    path: '/',
    query: '',
    rawHeaders: [],
    body: Buffer.from('{"of":"IMAGE001"}'),
    clientIp: '::1',
  };
  await accept(
    'IMAGE001',
    'image',
    nowMs - hourMs,
    encodeCall({ call, trace: { traceparent: '' } }),
  );
  await accept('GOOD0001', 'good', nowMs - 30 * 60_000);
  const claims = await store.claim({
    owner: 'test',
    free: { mail: 100, image: 1, good: 1 },
    limit: 100,
    nowMs: nowMs - 20 * 60_000,
    leaseMs: 30_000,
  });
  for (const { invocation } of claims) {
    const lease = { id: invocation.id, token: invocation.lease.token };
    if (invocation.functionName === 'good') {
      await store.succeed(lease, nowMs - 19 * 60_000);
    } else {
      await store.fail(
        lease,
        { reason: 'error', type: 'TypeError', message: 'no' },
        nowMs - 19 * 60_000,
      );
    }
  }
  await accept('WAIT0001', 'wait', nowMs - 60_000);
  await store.close();
  const logs = openLogStore({ file: path.join(cwd, '.bgfn', 'logs.db') });
  const line = (
    text: string,
    functionName: string,
    level: NewLogLine['level'],
    ageMs: number,
    invocationId?: string,
  ): NewLogLine => ({
    atMs: nowMs - ageMs,
    functionName,
    level,
    stream: 'stdout',
    text,
    ...(invocationId === undefined ? {} : { invocationId, attempt: 1 }),
  });
  logs.append([
    line('old mail', 'mail', 'info', 2 * hourMs, 'MAIL0001'),
    line('100% {"a":1}', 'image', 'error', hourMs, 'IMAGE001'),
    line('{"level":"warn","user":7}', 'good', 'warn', 60_000, 'GOOD0001'),
  ]);
  await logs.close();
});
afterAll(async () => {
  await rm(cwd, { recursive: true, force: true });
});

const bgfn = (...args: readonly string[]) => runInProcess(args, cwd);
const json = async <Type>(...args: readonly string[]): Promise<Type> =>
  JSON.parse((await bgfn(...args)).stdout) as Type;

describe('bgfn invocations', () => {
  test('list filters by function, state and time, as a table or as JSON', async () => {
    expect((await bgfn('invocations')).stdout.split('\n').length).toBe(52);
    const ids = async (...args: readonly string[]) =>
      (await json<readonly { id: string }[]>('invocations', 'list', '--json', ...args)).map(
        ({ id }) => id,
      );
    expect(await ids('--state', 'queued,succeeded')).toEqual(['WAIT0001', 'GOOD0001']);
    expect(await ids('--function', 'mail', '--limit', '2')).toEqual(['MAIL0059', 'MAIL0058']);
    expect(await ids('--since', '90m', '--until', '45m')).toEqual(['IMAGE001']);
    expect(await bgfn('invocations', 'list', '--state', 'odd')).toMatchObject({
      code: 2,
      output: expect.stringContaining('"odd" is none of queued'),
    });
  });

  test('print the same in a process of their own', async () => {
    const args = ['invocations', 'list', '--json', '--function', 'good'];
    expect(await runCommand('bgfn', args, { cwd })).toEqual(await bgfn(...args));
  });

  test('show --payload prints the body that the caller sent, and refuses --json', async () => {
    expect(await bgfn('invocations', 'show', 'IMAGE001', '--payload')).toMatchObject({
      code: 0,
      stdout: '{"of":"IMAGE001"}',
    });
    expect((await bgfn('invocations', 'show', 'MAIL0007', '--payload')).stdout).toBe('{}');
    expect((await bgfn('invocations', 'show', 'IMAGE001', '--payload', '--json')).code).toBe(2);
  });

  test('show finds an invocation by the end of its id', async () => {
    expect(await json('invocations', 'show', 'AGE001', '--json')).toMatchObject({
      invocation: { id: 'IMAGE001', state: 'failed' },
      attempts: [{ number: 1, error: { message: 'no' } }],
    });
    expect((await bgfn('invocations', 'show', 'age001#1')).output).toMatch(
      /^image {2}failed\nid +IMAGE001$/m,
    );
    expect(await bgfn('invocations', 'show', '')).toMatchObject({
      code: 2,
      output: expect.stringContaining('cannot be empty'),
    });
    expect(await bgfn('invocations', 'show', '0001')).toMatchObject({
      code: 1,
      output: expect.stringContaining('ends the ids of 3 invocations'),
    });
    expect(await bgfn('invocations', 'show', 'NONE')).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no invocation "NONE"'),
    });
  });

  test('retry queues all failed invocations, however many, or those of one function', async () => {
    expect(
      await json('invocations', 'retry', '--all-failed', '--function', 'image', '--json'),
    ).toEqual({ changed: ['IMAGE001'], unchanged: [] });
    const { changed } = await json<{ changed: readonly string[] }>(
      'invocations',
      'retry',
      '--all-failed',
      '--json',
    );
    expect(changed).toHaveLength(60);
    expect(await bgfn('invocations', 'retry', '--all-failed')).toMatchObject({
      code: 0,
      output: 'nothing to do',
    });
    expect(await bgfn('invocations', 'retry', 'GOOD0001')).toMatchObject({
      code: 1,
      output: expect.stringContaining('only failed and cancelled ones can be retried'),
    });
    expect(await bgfn('invocations', 'retry')).toMatchObject({ code: 2 });
    const refused = await bgfn('invocations', 'retry', 'GOOD0001', '--json');
    expect([refused.code, JSON.parse(refused.stdout)]).toEqual([
      1,
      { changed: [], unchanged: ['GOOD0001'] },
    ]);
  });

  test.each([
    [['shows', 'GOOD0001'], 'Did you mean show?'],
    [['mail'], '"mail" is no command of `bgfn invocations`.'],
    [['retry', 'GOOD0001', '--all-failed'], 'Give ids or --all-failed, not both.'],
    [['cancel', 'WAIT0001', '--all-queued'], 'Give ids or --all-queued, not both.'],
    [['retry', '--function', 'mail'], '--function, --since and --until go with --all-failed.'],
    [
      ['cancel', 'WAIT0001', '--since', '1h'],
      '--function, --since and --until go with --all-queued.',
    ],
    [['cancel'], 'Which invocations? Give their ids, or --all-queued.'],
    [['retry', '--all-failed', '--function', 'imagee'], 'Did you mean image?'],
    [['cancel', '--all-queued', '--function', 'imagee'], 'Did you mean image?'],
    [['list', '--function', 'imagee'], 'Did you mean image?'],
    [
      ['purge', '--older-than', '1h', '--state', 'queued'],
      '"queued" is none of succeeded, failed, cancelled',
    ],
    [['list', '--since', '10'], 'expected an age such as 10m or 2h, or a date'],
    [['list', '--store', 'postgres://user:secret@host/db'], 'postgres databases are not supported'],
  ])('refuses %j', async (args, message) => {
    const { code, output } = await bgfn('invocations', ...args);
    expect([code, output]).toEqual([2, expect.stringContaining(message)]);
    expect(output).not.toContain('secret');
  });

  test('accept the name of the deliveries of a function that has had none', async () => {
    expect(await bgfn('invocations', 'list', '--function', 'mail:destination')).toMatchObject({
      code: 0,
      output: expect.stringContaining('No invocations.'),
    });
  });

  test('report a queue of another user as such, not as missing', async () => {
    const isRoot = process.getuid?.() === 0;
    const locked = path.join(cwd, 'locked');
    await mkdir(locked);
    await writeFile(path.join(locked, 'queue.db'), '');
    await chmod(cwd, 0o755);
    await chmod(locked, isRoot ? 0o700 : 0);
    const program = path.resolve(import.meta.dirname, '../../../src/cli/bgfn.ts');
    const run = spawn(process.execPath, [program, 'invocations', '--store', 'locked/queue.db'], {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
    });
    const [said, [code]] = await Promise.all([textOf(run.stderr), once(run, 'close')]);
    await chmod(locked, 0o700);
    expect([code, said]).toEqual([
      2,
      expect.stringContaining('This user may not read the queue locked/queue.db.'),
    ]);
  });

  test('cancel ends one invocation, or all queued ones', async () => {
    expect(await bgfn('invocations', 'cancel', 'WAIT0001')).toMatchObject({
      code: 0,
      output: 'WAIT0001 cancelled',
    });
    expect(
      (
        await json<{ changed: readonly string[] }>(
          'invocations',
          'cancel',
          '--all-queued',
          '--json',
        )
      ).changed,
    ).toHaveLength(61);
  });

  test('purge removes by age and state', async () => {
    expect(
      await json('invocations', 'purge', '--older-than', '10m', '--state', 'succeeded', '--json'),
    ).toEqual({ deleted: 1 });
    expect(await bgfn('invocations', 'purge', '--older-than', '7d')).toMatchObject({
      code: 0,
      output: '0 deleted',
    });
    expect(await bgfn('invocations', 'purge')).toMatchObject({ code: 2 });
  });
});

describe('bgfn logs', () => {
  const texts = async (...args: readonly string[]) =>
    (await bgfn('logs', '--json', ...args)).stdout
      .trimEnd()
      .split('\n')
      .filter(Boolean)
      .map((text) => (JSON.parse(text) as { msg: string }).msg);

  test('are filtered by function, invocation, level and time', async () => {
    expect(await texts()).toEqual(['old mail', '100% {"a":1}', '{"level":"warn","user":7}']);
    expect(await texts('mail')).toEqual(['old mail']);
    expect(await texts('--invocation', 'AGE001')).toEqual(['100% {"a":1}']);
    expect(await texts('--level', 'warn')).toEqual(['100% {"a":1}', '{"level":"warn","user":7}']);
    expect(await texts('--since', '90m', '--until', '30m')).toEqual(['100% {"a":1}']);
    expect(await texts('-n', '1')).toEqual(['{"level":"warn","user":7}']);
    expect(await bgfn('logs', '--level', 'loud')).toMatchObject({ code: 2 });
  });

  test('of a function without output are empty, and of an unknown function are a usage error', async () => {
    await mkdir(path.join(cwd, '.bgfn', 'functions', 'hello-there-0123456789abcdef'), {
      recursive: true,
    });
    expect(await bgfn('logs', 'wait')).toMatchObject({ code: 0, output: '' });
    expect(await bgfn('logs', 'hello-there')).toMatchObject({ code: 0, output: '' });
    expect(await bgfn('logs', 'imagee')).toMatchObject({
      code: 2,
      stdout: '',
      output: expect.stringMatching(/There is no function "imagee"\.[^]*Did you mean image\?/),
    });
    expect(await bgfn('logs', '-f', 'else')).toMatchObject({
      code: 2,
      output: expect.stringContaining('The functions are hello-there, image, mail, wait.'),
    });
    expect(JSON.parse((await bgfn('logs', '--json', 'else')).stdout)).toMatchObject({
      errors: [{ code: 'FUNCTION_UNKNOWN' }],
    });
  });

  test("contain a function's own JSON as data", async () => {
    expect(await json('logs', 'good', '--json')).toEqual({
      level: 'warn',
      time: new Date(nowMs - 60_000).toISOString(),
      function: 'good',
      invocation: 'GOOD0001',
      attempt: 1,
      stream: 'stdout',
      data: { level: 'warn', user: 7 },
      msg: '{"level":"warn","user":7}',
    });
  });
});
