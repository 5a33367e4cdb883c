import { describe, expect, test } from 'vitest';
import type {
  AttemptError,
  Lease,
  QueuedInvocation,
  RunningInvocation,
} from '../../../src/runtime/queue/invocation.ts';
import * as transitions from '../../../src/runtime/queue/transitions.ts';

const t0 = 1_700_000_000_000;
const retry = { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 };
const error: AttemptError = {
  reason: 'timeout',
  type: 'Timeout',
  message: 'It ran longer than 900 s.',
};
const lease: Lease = { owner: 'host-1', token: 'abc', expiresAtMs: t0 + 30_000 };

const accepted = (policy = retry): QueuedInvocation =>
  transitions.create(
    { kind: 'call', id: 'a', functionName: 'send', retry: policy, idempotencyKey: 'k' },
    t0,
  );
const running = (policy = retry): RunningInvocation =>
  transitions.claim(accepted(policy), lease, t0);

describe('an invocation', () => {
  test('is accepted as queued and due at once', () => {
    expect(accepted()).toEqual({
      kind: 'call',
      id: 'a',
      functionName: 'send',
      acceptedAtMs: t0,
      attempt: 0,
      retry,
      idempotencyKey: 'k',
      state: 'queued',
      availableAtMs: t0,
    });
  });

  test('is claimed as its next attempt, under a lease, with the error of the previous attempt', () => {
    const waiting: QueuedInvocation = { ...accepted(), attempt: 1, lastError: error };
    expect(transitions.claim(waiting, lease, t0 + 1)).toEqual({
      kind: 'call',
      id: 'a',
      functionName: 'send',
      acceptedAtMs: t0,
      attempt: 2,
      retry,
      idempotencyKey: 'k',
      state: 'running',
      lease,
      startedAtMs: t0 + 1,
      lastError: error,
    });
  });

  test('succeeds', () => {
    expect(transitions.succeed(running(), t0 + 5)).toEqual({
      kind: 'call',
      id: 'a',
      functionName: 'send',
      acceptedAtMs: t0,
      attempt: 1,
      retry,
      idempotencyKey: 'k',
      state: 'succeeded',
      finishedAtMs: t0 + 5,
    });
  });

  test.each([
    [1, 60_000],
    [2, 120_000],
  ])('waits after failure %i for exactly %i ms', (attempt, delayMs) => {
    expect(transitions.fail({ ...running(), attempt }, error, t0 + 7)).toMatchObject({
      state: 'queued',
      availableAtMs: t0 + 7 + delayMs,
      lastError: error,
      attempt,
    });
  });

  test('has failed after its third failure', () => {
    expect(transitions.fail({ ...running(), attempt: 3 }, error, t0 + 7)).toMatchObject({
      state: 'failed',
      finishedAtMs: t0 + 7,
      lastError: error,
    });
  });

  test('repeats the last delay when there are more attempts than delays', () => {
    const policy = { ...retry, maxAttempts: 6 };
    expect(transitions.fail({ ...running(policy), attempt: 5 }, error, t0)).toMatchObject({
      availableAtMs: t0 + 120_000,
    });
  });

  test('is due again at once without delays', () => {
    expect(transitions.fail(running({ ...retry, delaysSeconds: [] }), error, t0)).toMatchObject({
      availableAtMs: t0,
    });
  });

  test('uses other delays, for development', () => {
    expect(transitions.fail(running(), error, t0, [0.5, 1])).toMatchObject({
      availableAtMs: t0 + 500,
    });
  });

  test('is due at a whole millisecond after a delay with a fraction', () => {
    expect(transitions.fail(running(), error, t0, [1 / 3])).toMatchObject({
      availableAtMs: t0 + 333,
    });
    expect(transitions.fail(running(), error, t0, [0.0006])).toMatchObject({
      availableAtMs: t0 + 1,
    });
  });

  test('is not retried if it would be older than its policy allows', () => {
    const policy = { ...retry, maxEventAgeSeconds: 90 };
    expect(transitions.fail(running(policy), error, t0 + 30_000)).toMatchObject({
      state: 'queued',
      availableAtMs: t0 + 90_000,
    });
    expect(transitions.fail(running(policy), error, t0 + 30_001)).toMatchObject({
      state: 'failed',
    });
  });

  test('counts its age from the replay', () => {
    const policy = { ...retry, maxEventAgeSeconds: 90 };
    const later = t0 + 1_000_000;
    const replayed = { ...running(policy), replayedAtMs: later };
    expect(transitions.fail(replayed, error, later)).toMatchObject({
      state: 'queued',
      replayedAtMs: later,
    });
  });

  test('is rescued as a failure with the reason lost, on the same schedule', () => {
    expect(transitions.rescue(running(), t0 + 9)).toMatchObject({
      state: 'queued',
      availableAtMs: t0 + 9 + 60_000,
      attempt: 1,
      lastError: { reason: 'lost' },
    });
    expect(transitions.rescue({ ...running(), attempt: 3 }, t0 + 9)).toMatchObject({
      state: 'failed',
      lastError: { reason: 'lost' },
    });
  });

  test('is released without the attempt counting', () => {
    expect(transitions.release({ ...running(), attempt: 2 }, t0 + 9)).toMatchObject({
      state: 'queued',
      availableAtMs: t0 + 9,
      attempt: 1,
    });
  });

  test('keeps the error of its last failed attempt after a release', () => {
    const retried = transitions.claim({ ...accepted(), attempt: 1, lastError: error }, lease, t0);
    expect(transitions.release(retried, t0 + 9)).toStrictEqual({
      ...accepted(),
      attempt: 1,
      availableAtMs: t0 + 9,
      lastError: error,
    });
  });

  test('is cancelled while queued or running, and not after its end', () => {
    expect(transitions.cancel(accepted(), t0 + 1)).toMatchObject({
      state: 'cancelled',
      finishedAtMs: t0 + 1,
    });
    expect(transitions.cancel(running(), t0 + 1)).not.toHaveProperty('lease');
    expect(transitions.cancel(transitions.succeed(running(), t0), t0 + 1)).toBeUndefined();
  });

  test('is replayed after it failed or was cancelled, and not otherwise', () => {
    const failed = transitions.fail({ ...running(), attempt: 3 }, error, t0);
    expect(transitions.replay(failed, t0 + 1)).toEqual({
      ...accepted(),
      availableAtMs: t0 + 1,
      replayedAtMs: t0 + 1,
    });
    expect(transitions.replay(accepted(), t0)).toBeUndefined();
    expect(transitions.replay(running(), t0)).toBeUndefined();
    expect(transitions.replay(transitions.succeed(running(), t0), t0)).toBeUndefined();
  });

  test('cuts a long error, and states how much is missing', () => {
    const huge = {
      ...error,
      type: 't'.repeat(300),
      message: 'm'.repeat(10_000),
      stack: 's'.repeat(40_000),
    };
    expect(transitions.fail(running(), huge, t0).lastError).toStrictEqual({
      reason: 'timeout',
      type: `${'t'.repeat(256)}… (44 characters more)`,
      message: `${'m'.repeat(8192)}… (1808 characters more)`,
      stack: `${'s'.repeat(32_768)}… (7232 characters more)`,
    });
  });

  test('keeps an error of exactly the longest size complete', () => {
    const longest = {
      ...error,
      type: 't'.repeat(256),
      message: 'm'.repeat(8192),
      stack: 's'.repeat(32_768),
    };
    expect(transitions.fail(running(), longest, t0).lastError).toStrictEqual(longest);
  });

  test('has undefined in the fields that were not given', () => {
    const bare = transitions.create({ kind: 'call', id: 'a', functionName: 'send', retry }, t0);
    expect(bare).toStrictEqual({
      kind: 'call',
      id: 'a',
      functionName: 'send',
      acceptedAtMs: t0,
      attempt: 0,
      retry,
      idempotencyKey: undefined,
      replayedAtMs: undefined,
      state: 'queued',
      availableAtMs: t0,
      lastError: undefined,
    });
    const claimed = transitions.claim(bare, lease, t0);
    expect(claimed.lastError).toBeUndefined();
    expect(transitions.release(claimed, t0)).toStrictEqual(bare);
  });
});
