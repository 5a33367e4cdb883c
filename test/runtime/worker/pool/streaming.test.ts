import { afterAll, describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../../../src/runtime/platform/clock.ts';
import type { RunOutcome } from '../../../../src/runtime/worker/worker.ts';
import { behaviour, PoolRig } from '../support/pool-rig.ts';

const rig = new PoolRig();
afterAll(() => rig.pool.close());
const fn = behaviour('streams');

function streamed(outcome: RunOutcome) {
  if (outcome.kind !== 'succeeded' || outcome.response.kind !== 'streamed') {
    throw new Error(`No stream: ${JSON.stringify(outcome)}`);
  }
  return outcome.response;
}

describe('a streamed response', () => {
  test('has the status, headers and cookies of its prelude, and then the body', async () => {
    const { outcome, lines } = await rig.run(fn, { chunks: ['one ', 'two'] });
    const response = streamed(outcome);
    expect(response.statusCode).toBe(201);
    expect(response.headers).toEqual([
      ['content-type', 'text/plain'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
    expect(await new Response(response.body).text()).toBe('one two');
    expect(await response.end).toMatchObject({ kind: 'complete' });
    expect(lines.map((line) => line.text)).toEqual(['chunk 4', 'chunk 3']);
  });

  test('may have no body', async () => {
    expect(
      await new Response(streamed((await rig.run(fn, { chunks: [] })).outcome).body).text(),
    ).toBe('');
  });

  test('may have no prelude', async () => {
    const response = streamed((await rig.run(fn, { raw: true, chunks: ['raw'] })).outcome);
    expect(response).toMatchObject({
      statusCode: 200,
      headers: [['content-type', 'application/octet-stream']],
    });
    expect(await new Response(response.body).text()).toBe('raw');
  });

  test('can be longer than a buffered one', async () => {
    const chunks = Array.from({ length: 80 }, () => 'x'.repeat(100_000));
    expect(
      (await new Response(streamed((await rig.run(fn, { chunks })).outcome).body).bytes()).length,
    ).toBe(8_000_000);
  });

  test('frees the worker when its reader cancels before the end', async () => {
    await streamed(
      (await rig.run(fn, { chunks: Array.from({ length: 50 }, () => 'x'.repeat(100_000)) }))
        .outcome,
    ).body.cancel();
    expect(
      await new Response(streamed((await rig.run(fn, { chunks: ['next'] })).outcome).body).text(),
    ).toBe('next');
  });

  test('notifies the handler when nobody reads it any more, and is complete', async () => {
    const { outcome, lines } = await rig.run(fn, { chunks: ['begun'], untilUnread: true });
    const { body, end } = streamed(outcome);
    await body.cancel();
    expect(await end).toMatchObject({ kind: 'complete' });
    expect(lines.map((line) => line.text)).toEqual(['chunk 5', 'nobody reads']);
    expect(
      await new Response(streamed((await rig.run(fn, { chunks: ['next'] })).outcome).body).text(),
    ).toBe('next');
  });

  test('is an ordinary failure when the handler fails before the first byte', async () => {
    expect((await rig.run(fn, { failBefore: true, chunks: [] })).outcome).toMatchObject({
      kind: 'failed',
      failure: { reason: 'error', message: 'failed before the first byte' },
    });
  });

  test('breaks with the error when the handler fails in the middle', async () => {
    const { body, end } = streamed(
      (await rig.run(fn, { failAfter: true, chunks: ['begun'] })).outcome,
    );
    await expect(new Response(body).text()).rejects.toMatchObject({
      name: 'RangeError',
      message: 'failed in the middle',
    });
    expect(await end).toMatchObject({
      kind: 'failed',
      failure: {
        reason: 'error',
        type: 'RangeError',
        message: 'failed in the middle',
        stack: expect.stringContaining('streams.mjs'),
      },
    });
  });

  test('breaks with the first of several uncaught errors, even if it is read slowly', async () => {
    const chunks = Array.from({ length: 80 }, () => 'x'.repeat(100_000));
    const { body, end } = streamed((await rig.run(fn, { rejectTwice: true, chunks })).outcome);
    await expect(new Response(body).text()).rejects.toMatchObject({
      name: 'RangeError',
      message: 'the first that nobody awaits',
    });
    expect(await end).toMatchObject({
      kind: 'failed',
      failure: { reason: 'error', message: 'the first that nobody awaits' },
    });
  });

  test('works if another Promise has replaced the global one', async () => {
    const { outcome } = await rig.run(behaviour('replaces-promise'));
    expect(await new Response(streamed(outcome).body).text()).toBe('answered');
  });

  test('breaks when the worker dies in the middle', async () => {
    const { body, end } = streamed(
      (await rig.run(fn, { dieAfter: true, chunks: ['begun'] })).outcome,
    );
    await expect(new Response(body).text()).rejects.toThrow(
      'The worker ended before its response was complete.',
    );
    expect(await end).toMatchObject({
      kind: 'failed',
      failure: { reason: 'crash', message: expect.stringContaining('exited with code 9') },
    });
  });

  test('breaks at the deadline', async () => {
    const { body, end } = streamed(
      (await rig.run(fn, { hangAfter: true, chunks: ['begun'] }, { timeoutMs: 500 })).outcome,
    );
    await expect(new Response(body).text()).rejects.toThrow(
      'The worker ended before its response was complete.',
    );
    expect(await end).toMatchObject({ kind: 'failed', failure: { reason: 'timeout' } });
  });
});

describe('the work of a function after its streamed response', () => {
  const afterwards = (what: string, more: object = {}) => ({
    chunks: ['answer'],
    afterwards: what,
    ...more,
  });

  test('belongs to its attempt: the worker takes no other attempt, and the output is logged for that attempt', async () => {
    const run = rig.start(fn, afterwards('waits'));
    const { outcome, lines } = await run.done;
    const { body, end } = streamed(outcome);
    expect(await new Response(body).text()).toBe('answer');
    const pid = Number.parseInt(await run.line(/goes on after its answer/), 10);
    const other = rig.start(fn, afterwards('ends'));
    await new Response(streamed((await other.done).outcome).body).text();
    expect(Number.parseInt(await other.line(/goes on/), 10)).not.toBe(pid);
    process.kill(pid, 'SIGUSR2');
    expect(await end).toMatchObject({ kind: 'complete' });
    expect(lines.map((line) => line.text)).toEqual(['chunk 6', `${pid} goes on after its answer`]);
    expect(rig.betweenRuns).toEqual([]);
  });

  test('has the deadline of the attempt', async () => {
    const { body, end } = streamed(
      (await rig.run(fn, afterwards('hangs'), { timeoutMs: 1000 })).outcome,
    );
    expect(await new Response(body).text()).toBe('answer');
    expect(await end).toMatchObject({ kind: 'failed', failure: { reason: 'timeout' } });
  });

  test('is cut off by an abort', async () => {
    const abort = new AbortController();
    const run = rig.start(fn, afterwards('hangs'), { signal: abort.signal });
    const { body, end } = streamed((await run.done).outcome);
    expect(await new Response(body).text()).toBe('answer');
    abort.abort();
    expect(await end).toMatchObject({ kind: 'aborted' });
  });

  test.each([
    [0, { kind: 'complete' }],
    [
      3,
      {
        kind: 'failed',
        failure: { reason: 'crash', message: expect.stringContaining('exited with code 3') },
      },
    ],
  ])('may end the process: with code %i', async (code, expected) => {
    const { body, end } = streamed((await rig.run(fn, afterwards('exits', { code }))).outcome);
    expect(await new Response(body).text()).toBe('answer');
    expect(await end).toMatchObject(expected);
  });

  test('may fail: the error is printed, and does not change the response', async () => {
    const run = rig.start(fn, afterwards('throws'));
    const { body, end } = streamed((await run.done).outcome);
    expect(await new Response(body).text()).toBe('answer');
    expect(await end).toMatchObject({ kind: 'complete' });
    expect(await run.line(/RangeError: failed after its answer/)).toBeDefined();
  });

  test('does not occupy the worker if there is no such work: a call after the body gets the same worker', async () => {
    // The end of the body waits for the worker to become free, on a slow machine too.
    const clock: Clock = {
      ...systemClock,
      after: (ms, callback) => (ms < 100 ? () => undefined : systemClock.after(ms, callback)),
    };
    await using alone = new PoolRig({ clock });
    const pids = new Set<string>();
    for (let call = 0; call < 5; call += 1) {
      const { outcome, lines } = await alone.run(fn, afterwards('ends'));
      await new Response(streamed(outcome).body).text();
      pids.add(lines.at(-1)?.text ?? '');
    }
    expect(pids.size).toBe(1);
  });
});
