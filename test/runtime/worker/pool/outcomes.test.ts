import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { RunFailure } from '../../../../src/runtime/worker/worker.ts';
import { behaviour, behaviours, gone, PoolRig } from '../support/pool-rig.ts';

const rig = new PoolRig({ initTimeoutMs: 20_000 });
afterAll(() => rig.pool.close());

async function failureOf(...args: Parameters<PoolRig['run']>): Promise<RunFailure> {
  const { outcome } = await rig.run(...args);
  if (outcome.kind !== 'failed') throw new Error(`It did not fail: ${JSON.stringify(outcome)}`);
  return outcome.failure;
}

describe('a run that succeeds', () => {
  test('returns the JSON that the handler returned', async () => {
    expect(await rig.result(behaviour('echoes'), { text: 'grüße 🚀' })).toMatchObject({
      event: { text: 'grüße 🚀' },
    });
  });

  test('loads CommonJS modules', async () => {
    expect(await rig.result(behaviour('common'), 1)).toEqual({ commonjs: true, event: 1 });
  });

  test('calls back when the worker has taken the event', async () => {
    const started: string[] = [];
    await rig.start(behaviour('echoes'), {}, { onStart: () => started.push('started') }).done;
    expect(started).toEqual(['started']);
  });

  test('keeps the worker warm for the next run', async () => {
    const first = await rig.result(behaviour('counts'));
    const second = await rig.result(behaviour('counts'));
    expect([first.calls, second.calls, second.pid]).toEqual([1, 2, first.pid]);
  });

  test('waits for the event loop to be empty when a callback handler asks for it', async () => {
    expect(await rig.result(behaviour('calls-back'))).toEqual({ late: 1 });
    expect(
      await rig.result(behaviour('calls-back', { version: 'fresh' }), { waits: false }),
    ).toEqual({ late: 0 });
  });
});

describe('an error of the handler', () => {
  test('carries type, message and the stack with its cause', async () => {
    const failure = await failureOf(behaviour('throws'));
    expect(failure).toMatchObject({ reason: 'error', type: 'TypeError', message: 'no such order' });
    expect(failure.stack).toMatch(/TypeError: no such order\n\s+at handler .*throws\.mjs:3:9/);
    expect(failure.stack).toContain('the database said no');
    expect(failure.stack).not.toMatch(/invocation-loop|node-client/);
  });

  test('can be any thrown value', async () => {
    expect(await failureOf(behaviour('throws-a-string'))).toMatchObject({
      reason: 'error',
      type: 'string',
      message: 'just a string',
    });
  });

  test.each([
    ['a bigint for a message', 'Error', /^12n$/],
    ['an object for a message', 'Error', /^\{ code: 7 \}$/],
    ['no message', 'TypeError', /^$/],
    ['a getter that throws for a message', 'RangeError', /^The thrown value could not be read\.$/],
    ['a custom inspect that throws', 'RangeError', /^still told$/],
    ['a message of 3 MB', 'RangeError', /^m{65536}… \(2934464 characters more\)$/],
    ['a name of 3 MB', /^N{256}…/, /^named at length$/],
    ['control characters by the 100,000', 'RangeError', /characters more\)$/],
    ['a proxy whose traps throw', 'object', /^The thrown value could not be read\.$|^\{\}$/],
    ['a revoked proxy', 'object', /revoked/i],
  ])('is reported as far as it can be read (%s)', async (value, type, message) => {
    const failure = await failureOf(behaviour('throws-odd-values'), { value });
    expect(failure).toMatchObject({
      reason: 'error',
      type: expect.stringMatching(type),
      message: expect.stringMatching(message),
    });
  });

  test.each(['a message of 3 MB', 'an object for a message', 'a custom inspect that throws'])(
    'keeps its frames (%s)',
    async (value) => {
      expect((await failureOf(behaviour('throws-odd-values'), { value })).stack).toMatch(
        /^ +at .*throws-odd-values\.mjs/m,
      );
    },
  );

  test('leaves the worker warm', async () => {
    const fn = behaviour('counts', { version: 'errors' });
    const { pid } = await rig.result(fn);
    await failureOf(fn, { fail: true });
    expect(await rig.result(fn)).toMatchObject({ pid, calls: 3 });
  });

  test('is reported in the same way if it comes through a callback', async () => {
    expect(await failureOf(behaviour('calls-back'), { error: 'called back' })).toMatchObject({
      reason: 'error',
      type: 'Error',
      message: 'called back',
    });
  });

  test.each([
    ['throws-uncaught', 'RangeError', 'thrown in a timer'],
    ['rejects-unhandled', 'Error', 'nobody awaits this'],
  ])(
    'that is not caught fails the attempt and ends the worker (%s)',
    async (name, type, message) => {
      expect(await failureOf(behaviour(name))).toMatchObject({ reason: 'error', type, message });
      expect(await failureOf(behaviour(name))).toMatchObject({ reason: 'error', type, message });
    },
  );

  test('is reported for a promise that is never settled', async () => {
    expect(await failureOf(behaviour('never-settles'))).toMatchObject({
      reason: 'error',
      type: 'Runtime.NodeJsExit',
    });
  });

  test('is reported for a result that is not JSON', async () => {
    expect(await failureOf(behaviour('returns-bigint'))).toMatchObject({
      reason: 'error',
      type: 'TypeError',
    });
  });

  test('is reported for a result over 6 MB, and the next run works', async () => {
    expect(await failureOf(behaviour('returns-much'), { bytes: 6_300_000 })).toMatchObject({
      reason: 'error',
      type: 'Function.ResponseSizeTooLarge',
    });
    expect(await rig.result(behaviour('returns-much'), { bytes: 6_000_000 })).toHaveLength(
      6_000_000,
    );
  });
});

describe('a worker that dies during a run', () => {
  test.each([0, 1, 42])('by process.exit(%i) is a crash that names the code', async (code) => {
    const failure = await failureOf(behaviour('exits'), { code });
    expect(failure).toMatchObject({ reason: 'crash', type: 'Runtime.ExitError' });
    expect(failure.message).toContain(`exited with code ${code}`);
  });

  test.each(['SIGKILL', 'SIGSEGV', 'SIGTERM'])(
    'by %s is a crash that names the signal',
    async (signal) => {
      const failure = await failureOf(behaviour('kills-itself'), { signal });
      expect(failure.reason).toBe('crash');
      expect(failure.message).toContain(signal);
    },
  );

  test('because its heap is full is out of memory', async () => {
    const failure = await failureOf(behaviour('leaks', { memoryMb: 64 }));
    expect(failure).toMatchObject({ reason: 'out-of-memory', type: 'Runtime.OutOfMemory' });
    expect(failure.message).toContain('64 MB');
  });

  test.skipIf(process.platform !== 'linux')(
    'because of memory outside the heap is out of memory too',
    async () => {
      const failure = await failureOf(behaviour('leaks-buffers', { memoryMb: 64 }));
      expect(failure).toMatchObject({
        reason: 'out-of-memory',
        type: 'Runtime.OutOfMemory',
        message: expect.stringMatching(/it used \d{3,} MB and has 64 MB/),
      });
    },
  );

  test.skipIf(process.platform !== 'linux')(
    'because of memory that its module takes while it loads is out of memory',
    async () => {
      const failure = await failureOf(behaviour('leaks-while-loading', { memoryMb: 64 }));
      expect(failure).toMatchObject({
        reason: 'out-of-memory',
        message: expect.stringMatching(/it used \d{3,} MB and has 64 MB/),
      });
    },
  );

  test.skipIf(process.platform !== 'linux')(
    'because of memory that it uses between two runs is reported, and fails neither run',
    async () => {
      const fn = behaviour('leaks-afterwards', { memoryMb: 64 });
      expect((await rig.run(fn)).outcome).toMatchObject({ kind: 'succeeded' });
      expect(
        await rig.lineBetweenRuns(
          /^The worker used \d{3,} MB while it ran nothing, and the function has 64 MB: it was killed\.$/,
        ),
      ).toBeDefined();
      // The next run begins at once, while the killed worker may still be listed as free.
      expect((await rig.run(fn)).outcome).toMatchObject({ kind: 'succeeded' });
    },
  );

  test('is replaced by a new one for the next run', async () => {
    await failureOf(behaviour('exits'), { code: 1 });
    expect((await failureOf(behaviour('exits'), { code: 2 })).message).toContain('code 2');
  });

  const startingChildren = process.platform === 'linux' ? ['forks', 'detaches'] : ['forks'];
  test.each(startingChildren)('does not leave its child processes behind (%s)', async (name) => {
    const { outcome, lines } = await rig.run(behaviour(name), { next: 'exit' });
    expect(outcome).toMatchObject({ kind: 'failed', failure: { reason: 'crash' } });
    await gone(childPid(lines[0]!.text));
  });
});

describe('the deadline', () => {
  test.each(['forever', 'busy-loop'])('kills the worker (%s)', async (name) => {
    const failure = await failureOf(behaviour(name), {}, { timeoutMs: 300 });
    expect(failure).toEqual({
      reason: 'timeout',
      type: 'Sandbox.Timedout',
      message: 'The function timed out after 0.30 seconds.',
    });
  });

  test('kills the child processes too', async () => {
    const run = rig.start(behaviour('forks'), {}, { timeoutMs: 1000 });
    const pid = childPid(await run.line(/child/));
    expect((await run.done).outcome).toMatchObject({
      kind: 'failed',
      failure: { reason: 'timeout' },
    });
    await gone(pid);
  });
});

describe('aborting a run', () => {
  test('kills the worker, and the outcome is "aborted"', async () => {
    const abort = new AbortController();
    const run = rig.start(behaviour('busy-loop'), {}, { signal: abort.signal });
    await run.line(/spinning/);
    abort.abort();
    expect((await run.done).outcome.kind).toBe('aborted');
  });

  test('before it has begun starts nothing', async () => {
    expect(
      (await rig.run(behaviour('echoes'), {}, { signal: AbortSignal.abort() })).outcome.kind,
    ).toBe('aborted');
  });

  test('while the module loads kills the worker', async () => {
    const abort = new AbortController();
    const run = rig.start(behaviour('hangs-while-loading'), {}, { signal: abort.signal });
    await run.line(/loading/);
    abort.abort();
    expect((await run.done).outcome.kind).toBe('aborted');
  });
});

describe('a function that cannot be loaded', () => {
  test.each([
    ['fails-to-load', 'SyntaxError', /the module has a fault of its own/],
    ['imports-what-is-missing', 'Error', /no-such-package-anywhere/],
    ['exports-no-handler', 'Runtime.HandlerNotFound', /has no export "handler"/],
    ['no-such-file', 'Runtime.ImportModuleError', /no-such-file\.mjs/],
    ['never-loads', 'Error', /top-level await/],
    ['exits-while-loading', 'Runtime.ExitError', /exited with code 3 before it was ready/],
  ])('%s fails with its own error', async (name, type, message) => {
    expect(await failureOf(behaviour(name))).toMatchObject({
      reason: 'init',
      type,
      message: expect.stringMatching(message),
    });
  });

  test('shows what it printed before it ended', async () => {
    const { outcome, lines } = await rig.run(behaviour('exits-while-loading'));
    expect(lines).toMatchObject([{ stream: 'stderr', text: 'not configured: DATABASE_URL' }]);
    expect(outcome).toMatchObject({ failure: { stack: 'not configured: DATABASE_URL' } });
  });

  test('fails when it takes too long', async () => {
    await using impatient = new PoolRig({ initTimeoutMs: 500 });
    expect((await impatient.run(behaviour('hangs-while-loading'))).outcome).toMatchObject({
      failure: { reason: 'init', type: 'Runtime.InitTimeout' },
    });
  });

  test('is not started again and again', async () => {
    await using crashing = new PoolRig();
    const outcomes = [];
    for (let n = 0; n < 6; n += 1) {
      outcomes.push((await crashing.run(behaviour('fails-to-load'))).outcome);
    }
    expect(
      outcomes
        .slice(0, 3)
        .every(
          (outcome) =>
            outcome.kind === 'failed' && !outcome.failure.message.includes('not started again'),
        ),
    ).toBe(true);
    expect(outcomes[3]).toMatchObject({
      failure: {
        reason: 'init',
        message:
          'the module has a fault of its own (not started again yet: 3 starts in a row have failed)',
      },
    });
  });

  test.each([
    ['is missing', false],
    ['is not a program', true],
  ])('says so when the executable of a Go function %s', async (_, exists) => {
    await using temporary = await mkdtempDisposable(path.join(tmpdir(), 'bgfn-bootstrap-'));
    const directory = temporary.path;
    if (exists) await writeFile(path.join(directory, 'bootstrap'), 'no program', { mode: 0o644 });
    const failure = await failureOf({
      ...behaviour('go', { version: directory }),
      runtime: 'go',
      directory,
      handler: 'bootstrap',
    });
    expect(failure).toMatchObject({ reason: 'init', type: 'Runtime.SpawnError' });
    expect(failure.message).toContain(path.join(directory, 'bootstrap'));
  });
});

describe('what a function sees', () => {
  test("is its own environment and Lambda's, but nothing of bgfn's", async () => {
    process.env['BGFN_TEST_SECRET'] = 'must not leak';
    const seen = await rig.result<{ env: Record<string, string>; cwd: string; argv: string[] }>(
      behaviour('tells-environment', {
        memoryMb: 256,
        environment: { GREETING: 'hello', _HANDLER: 'forged', TZ: 'Europe/Berlin' },
      }),
    );
    delete process.env['BGFN_TEST_SECRET'];
    expect(seen.env).toMatchObject({
      GREETING: 'hello',
      _HANDLER: 'tells-environment.handler',
      TZ: 'Europe/Berlin',
      AWS_LAMBDA_FUNCTION_NAME: 'tells-environment',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_REGION: 'us-east-1',
      LAMBDA_TASK_ROOT: behaviours,
    });
    expect(
      Object.keys(seen.env).filter(
        (name) =>
          !/^(AWS_|LAMBDA_|_HANDLER|_X_AMZN_TRACE_ID|TZ|PATH|HOME|TMPDIR|LANG|GREETING)/.test(name),
      ),
    ).toEqual([]);
    expect(seen.cwd).toBe(behaviours);
    expect(seen.argv).toEqual(
      expect.arrayContaining(['--max-old-space-size=256', '--max-semi-space-size=1']),
    );
  });

  test('is a Lambda context', async () => {
    const { context, remaining } = await rig.result<{ context: object; remaining: number }>(
      behaviour('tells-environment', { memoryMb: 256 }),
    );
    expect(context).toMatchObject({
      awsRequestId: expect.stringMatching(/^invocation-\d+$/),
      functionName: 'tells-environment',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:tells-environment',
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/tells-environment',
      callbackWaitsForEmptyEventLoop: true,
    });
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(20_000);
  });

  test('has stack traces that point into its sources if there is a source map', async () => {
    await using temporary = await mkdtempDisposable(path.join(tmpdir(), 'bgfn-map-'));
    const directory = temporary.path;
    await writeFile(
      path.join(directory, 'mapped.mjs'),
      'export async function handler() { throw new Error("mapped"); }\n//# sourceMappingURL=mapped.mjs.map\n',
    );
    // One segment: generated line 1, column 0 comes from line 10 of original.ts.
    await writeFile(
      path.join(directory, 'mapped.mjs.map'),
      JSON.stringify({ version: 3, sources: ['original.ts'], names: [], mappings: 'AASA' }),
    );
    const failure = await failureOf(behaviour('mapped', { directory }));
    // The path is relative to the project: the directory of the artifact contains no such file.
    expect(failure.stack).toContain('at handler (original.ts:10:');
  });
});

function childPid(line: string): number {
  return Number(/child (\d+)/.exec(line)?.[1]);
}
