import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AttemptError } from '../../src/queue/invocation.ts';
import type { Delivery, Outcome } from '../../src/queue/delivery.ts';
import type { ClaimRequest, Claimed, LeaseRef, NewInvocation, OwnerRecord, Store } from '../../src/queue/store.ts';

/** A store on a fresh medium. */
export interface StoreHarness {
  readonly store: Store;
  /** A second client on the same medium, as another process has it. */
  openAnother(): Promise<Store>;
  /** Closes all clients and removes the medium. */
  dispose(): Promise<void>;
}

const t0 = 1_700_000_000_000;
const leaseMs = 30_000;
const retry = { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 };
const thrown: AttemptError = { reason: 'error', type: 'TypeError', message: 'x is not a function', stack: 'TypeError: x is not a function\n    at f.mjs:1:1' };

export function call(id: string, functionName = 'send', extra: Partial<NewInvocation> = {}): NewInvocation {
  return { id, functionName, payload: Buffer.from(JSON.stringify({ id })), retry, ...extra };
}

function leaseOf(claimed: Claimed): LeaseRef {
  return { id: claimed.invocation.id, token: claimed.invocation.lease.token };
}

/** What every store must do, whatever keeps its data. */
export function storeSuite(title: string, open: () => Promise<StoreHarness>): void {
  describe(`${title} is a store`, () => {
    let harness: StoreHarness;
    let store: Store;

    beforeEach(async () => {
      harness = await open();
      store = harness.store;
    });
    afterEach(() => harness.dispose());

    const claim = (request: Partial<ClaimRequest> = {}, on = store) =>
      on.claim({ owner: 'one', free: { send: 100 }, limit: 100, nowMs: t0, leaseMs, ...request });
    const claimOne = async (nowMs = t0, owner = 'one'): Promise<LeaseRef> => leaseOf((await claim({ nowMs, owner, limit: 1 }))[0]!);
    const stateOf = async (id: string) => (await store.get(id))?.invocation;

    describe('accept', () => {
      test('keeps what was given, byte for byte', async () => {
        const payload = new Uint8Array([0, 255, 10, 13, 195, 40]);
        expect(await store.accept([call('a', 'send', { payload })], t0)).toEqual([{ id: 'a', duplicate: false }]);
        expect(await store.get('a')).toEqual({
          invocation: { id: 'a', functionName: 'send', acceptedAtMs: t0, attempt: 0, retry, state: 'queued', availableAtMs: t0 },
          attempts: [],
        });
        expect(Buffer.from((await claim())[0]!.payload)).toEqual(Buffer.from(payload));
      });

      test('takes a payload of 1 MiB', async () => {
        const payload = new Uint8Array(1024 * 1024).fill(7);
        await store.accept([call('big', 'send', { payload })], t0);
        expect(Buffer.from((await claim())[0]!.payload).equals(payload)).toBe(true);
      });

      test('gives the first call for a repeated idempotency key of one function', async () => {
        const first = await store.accept([call('a', 'send', { idempotencyKey: 'k' })], t0);
        const second = await store.accept([call('b', 'send', { idempotencyKey: 'k' })], t0 + 1);
        expect([first, second]).toEqual([[{ id: 'a', duplicate: false }], [{ id: 'a', duplicate: true }]]);
        expect(await store.get('b')).toBeUndefined();
        expect(await stateOf('a')).toMatchObject({ idempotencyKey: 'k', acceptedAtMs: t0 });
      });

      test('knows a repeated key within one group of calls', async () => {
        const accepted = await store.accept([call('a', 'send', { idempotencyKey: 'k' }), call('b', 'send', { idempotencyKey: 'k' })], t0);
        expect(accepted).toEqual([{ id: 'a', duplicate: false }, { id: 'a', duplicate: true }]);
      });

      test('knows a repeated key after the invocation has ended', async () => {
        await store.accept([call('a', 'send', { idempotencyKey: 'k' })], t0);
        await store.succeed(await claimOne(), t0);
        expect(await store.accept([call('b', 'send', { idempotencyKey: 'k' })], t0)).toEqual([{ id: 'a', duplicate: true }]);
      });

      test('keeps the keys of two functions apart', async () => {
        const accepted = await store.accept([call('a', 'send', { idempotencyKey: 'k' }), call('b', 'mail', { idempotencyKey: 'k' })], t0);
        expect(accepted.map(({ duplicate }) => duplicate)).toEqual([false, false]);
      });

      test('takes the same id once', async () => {
        await store.accept([call('a')], t0);
        expect(await store.accept([call('a')], t0)).toMatchObject([{ id: 'a' }]);
        expect(await store.list({ limit: 10 })).toHaveLength(1);
      });

      test('answers many concurrent calls, each with its own', async () => {
        const ids = Array.from({ length: 200 }, (_, index) => `c${index}`);
        const accepted = await Promise.all(ids.map((id) => store.accept([call(id)], t0)));
        expect(accepted.flat().map(({ id }) => id)).toEqual(ids);
        expect(await store.list({ limit: 1000 })).toHaveLength(200);
      });
    });

    describe('claim', () => {
      test('makes a due invocation running, under a lease', async () => {
        await store.accept([call('a')], t0);
        const [claimed] = await claim({ nowMs: t0 + 5 });
        expect(claimed?.invocation).toMatchObject({ state: 'running', attempt: 1, startedAtMs: t0 + 5, lease: { owner: 'one', expiresAtMs: t0 + 5 + leaseMs } });
        expect((await store.get('a'))?.attempts).toEqual([{ number: 1, startedAtMs: t0 + 5, outcome: 'running' }]);
        expect(await claim({ nowMs: t0 + 6 })).toEqual([]);
      });

      test('gives the oldest first, and no more than the limit', async () => {
        await store.accept([call('a'), call('b')], t0 + 2);
        await store.accept([call('c')], t0 + 1);
        const ids = (await claim({ nowMs: t0 + 9, limit: 2 })).map(({ invocation }) => invocation.id);
        expect(ids).toEqual(['c', 'a']);
      });

      test('leaves what is not due yet', async () => {
        await store.accept([call('a')], t0 + 1000);
        expect(await claim({ nowMs: t0 + 999 })).toEqual([]);
        expect(await claim({ nowMs: t0 + 1000 })).toHaveLength(1);
      });

      test('gives a function no more than its free slots, and one that is not named nothing', async () => {
        await store.accept([call('a'), call('b'), call('c', 'mail'), call('d', 'constructor')], t0);
        const claimed = await claim({ free: { send: 1 } });
        expect(claimed.map(({ invocation }) => invocation.id)).toEqual(['a']);
      });

      test('lets a function with few waiting pass one with many', async () => {
        await store.accept(Array.from({ length: 50 }, (_, index) => call(`flood${index}`, 'flood')), t0);
        await store.accept([call('late', 'rare')], t0 + 1);
        const claimed = await claim({ free: { flood: 10, rare: 10 }, limit: 2, nowMs: t0 + 2 });
        expect(claimed.map(({ invocation }) => invocation.functionName).toSorted()).toEqual(['flood', 'rare']);
      });

      test('gives deliveries no more than their limit, over all functions, claim after claim to others', async () => {
        const names = ['a:destination', 'b:destination', 'c:destination'];
        await store.accept([...names.flatMap((name) => [call(`${name}1`, name), call(`${name}2`, name)]), call('work', 'send')], t0);
        const round = async () => (await claim({ free: { send: 4, 'a:destination': 2, 'b:destination': 2, 'c:destination': 2 }, deliveryLimit: 2 })).map(({ invocation }) => invocation.functionName);
        const [first, second, third] = [await round(), await round(), await round()];
        expect(first.filter((name) => name === 'send')).toHaveLength(1);
        expect([first.filter((name) => name !== 'send').length, second.length, third.length]).toEqual([2, 2, 2]);
        expect(new Set([...first, ...second])).toEqual(new Set(['send', ...names]));
        expect(await claim({ free: { 'a:destination': 2 }, deliveryLimit: 0 })).toEqual([]);
      });

      test('stays fair when slots come free one at a time', async () => {
        await store.accept(Array.from({ length: 50 }, (_, index) => call(`flood${index}`, 'flood')), t0);
        await store.accept([call('late', 'rare')], t0 + 1);
        const claimed: string[] = [];
        for (let step = 2; step < 4; step += 1) {
          const [one] = await claim({ free: { flood: 1, rare: 1 }, limit: 1, nowMs: t0 + step });
          claimed.push(one!.invocation.functionName);
          await store.succeed(leaseOf(one!), t0 + step);
        }
        expect(claimed.toSorted()).toEqual(['flood', 'rare']);
      });

      test('never gives one invocation to two claims', async () => {
        const other = await harness.openAnother();
        await store.accept(Array.from({ length: 60 }, (_, index) => call(`i${index}`)), t0);
        const rounds = await Promise.all(
          Array.from({ length: 30 }, (_, index) => claim({ owner: `o${index % 2}`, limit: 3 }, index % 2 === 0 ? store : other)),
        );
        const ids = rounds.flat().map(({ invocation }) => invocation.id);
        expect(ids).toHaveLength(60);
        expect(new Set(ids).size).toBe(60);
      });
    });

    describe('the ends of a run', () => {
      test('succeed', async () => {
        await store.accept([call('a')], t0);
        const lease = await claimOne();
        expect(await store.succeed(lease, t0 + 10)).toBe(true);
        expect(await store.get('a')).toMatchObject({
          invocation: { state: 'succeeded', finishedAtMs: t0 + 10, attempt: 1 },
          attempts: [{ number: 1, startedAtMs: t0, finishedAtMs: t0 + 10, outcome: 'succeeded' }],
        });
      });

      test('fail twice, 60 s and 120 s apart, then for good', async () => {
        await store.accept([call('a')], t0);
        await store.fail(await claimOne(t0), thrown, t0 + 100);
        expect(await stateOf('a')).toMatchObject({ state: 'queued', availableAtMs: t0 + 100 + 60_000, lastError: thrown, attempt: 1 });
        expect(await claim({ nowMs: t0 + 100 + 59_999 })).toEqual([]);

        await store.fail(await claimOne(t0 + 60_100), thrown, t0 + 60_200);
        expect(await stateOf('a')).toMatchObject({ state: 'queued', availableAtMs: t0 + 60_200 + 120_000, attempt: 2 });
        expect(await claim({ nowMs: t0 + 60_200 + 119_999 })).toEqual([]);

        await store.fail(await claimOne(t0 + 180_200), thrown, t0 + 180_300);
        expect(await stateOf('a')).toMatchObject({ state: 'failed', finishedAtMs: t0 + 180_300, lastError: thrown, attempt: 3 });
        const attempts = (await store.get('a'))!.attempts;
        expect(attempts.map(({ number, outcome, error }) => [number, outcome, error])).toEqual([1, 2, 3].map((number) => [number, 'failed', thrown]));
        expect(await claim({ nowMs: t0 + 10 ** 9 })).toEqual([]);
      });

      test('fail with other delays, for development', async () => {
        await store.accept([call('a')], t0);
        await store.fail(await claimOne(), thrown, t0, [2, 4]);
        expect(await stateOf('a')).toMatchObject({ availableAtMs: t0 + 2000 });
      });

      test('fail with a delay that is no whole number of milliseconds, and so does a rescue', async () => {
        const policy = { ...retry, delaysSeconds: [1 / 3] };
        await store.accept([call('a', 'send', { retry: policy }), call('b', 'send', { retry: policy })], t0);
        expect(await store.fail(await claimOne(t0), thrown, t0)).toBe(true);
        await claimOne(t0);
        expect(await store.rescue(t0 + leaseMs)).toMatchObject([{ id: 'b', state: 'queued' }]);
        expect(await claim({ nowMs: t0 + 332 })).toEqual([]);
        expect(await claim({ nowMs: t0 + 333 })).toMatchObject([{ invocation: { id: 'a', attempt: 2 } }]);
      });

      test('release gives the attempt back and is due at once', async () => {
        await store.accept([call('a')], t0);
        expect(await store.release(await claimOne(), t0 + 10)).toBe(true);
        expect(await stateOf('a')).toMatchObject({ state: 'queued', attempt: 0, availableAtMs: t0 + 10 });
        const [again] = await claim({ nowMs: t0 + 10 });
        expect(again?.invocation.attempt).toBe(1);
        expect((await store.get('a'))?.attempts.map(({ number, outcome }) => [number, outcome])).toEqual([[1, 'released'], [1, 'running']]);
      });

      test('a lease that is no longer held writes nothing', async () => {
        await store.accept([call('a')], t0);
        const old = await claimOne(t0);
        await store.rescue(t0 + leaseMs);
        const current = await claimOne(t0 + leaseMs + 60_000, 'two');
        const before = await store.get('a');
        expect(await store.succeed(old, t0 + 100_000)).toBe(false);
        expect(await store.fail(old, thrown, t0 + 100_000)).toBe(false);
        expect(await store.release(old, t0 + 100_000)).toBe(false);
        expect(await store.heartbeat([old], t0 + 100_000, leaseMs)).toEqual(['a']);
        expect(await store.get('a')).toEqual(before);
        expect(await store.succeed(current, t0 + 100_000)).toBe(true);
        expect(await store.succeed(current, t0 + 100_001)).toBe(false);
      });

      test('an end of something unknown is refused', async () => {
        expect(await store.succeed({ id: 'nobody', token: 'x' }, t0)).toBe(false);
      });
    });

    describe('leases', () => {
      test('a heartbeat extends what is held and names what is gone', async () => {
        await store.accept([call('a'), call('b')], t0);
        const leases = (await claim()).map(leaseOf);
        await store.cancel('b', t0 + 1);
        expect(await store.heartbeat([...leases, { id: 'nobody', token: 'x' }], t0 + 20_000, leaseMs)).toEqual(['b', 'nobody']);
        expect(await stateOf('a')).toMatchObject({ lease: { expiresAtMs: t0 + 20_000 + leaseMs } });
        expect(await store.rescue(t0 + leaseMs)).toEqual([]);
      });

      test('a heartbeat never lets a lease run out that is asked about every second', async () => {
        await store.accept([call('a')], t0);
        const lease = await claimOne();
        for (let nowMs = t0; nowMs <= t0 + 120_000; nowMs += 1000) {
          await store.heartbeat([lease], nowMs, leaseMs);
          expect(await store.rescue(nowMs)).toEqual([]);
        }
      });

      test('an expired lease is rescued as a failure', async () => {
        await store.accept([call('a')], t0);
        await claim();
        expect(await store.rescue(t0 + leaseMs - 1)).toEqual([]);
        const [rescued] = await store.rescue(t0 + leaseMs);
        expect(rescued).toMatchObject({ id: 'a', state: 'queued', attempt: 1, availableAtMs: t0 + leaseMs + 60_000, lastError: { reason: 'lost' } });
        expect(await store.get('a')).toMatchObject({ invocation: rescued, attempts: [{ number: 1, outcome: 'failed', error: { reason: 'lost' } }] });
      });

      test('a last attempt that is rescued has failed', async () => {
        await store.accept([call('a', 'send', { retry: { ...retry, maxAttempts: 1 } })], t0);
        await claim();
        expect(await store.rescue(t0 + leaseMs)).toMatchObject([{ state: 'failed', lastError: { reason: 'lost' } }]);
      });

      test('a dead owner is rescued before its leases expire, a living one is not', async () => {
        await store.accept([call('a'), call('b')], t0);
        await claimOne(t0, 'dead');
        await claimOne(t0, 'alive');
        const rescued = await store.rescue(t0 + 1, { deadOwners: ['dead'] });
        expect(rescued.map(({ id }) => id)).toEqual(['a']);
        expect(await stateOf('b')).toMatchObject({ state: 'running' });
      });

      test('expiry is left alone when the caller distrusts the clock', async () => {
        await store.accept([call('a')], t0);
        await claim();
        expect(await store.rescue(t0 + 10 * leaseMs, { expired: false })).toEqual([]);
      });

      test('owners are known to other clients until they are removed, and stay while they hold a lease', async () => {
        const owner: OwnerRecord = { id: 'one', place: 'here', pid: 42, processStart: '7', registeredAtMs: t0 };
        await store.registerOwner(owner);
        const other = await harness.openAnother();
        expect(await other.owners()).toEqual([owner]);
        await store.accept([call('a')], t0);
        const lease = await claimOne();
        await other.removeOwners(['one']);
        expect(await store.owners()).toEqual([owner]);
        await store.succeed(lease, t0);
        await other.removeOwners(['one']);
        expect(await store.owners()).toEqual([]);
      });
    });

    describe('cancel and replay', () => {
      test('a queued invocation is cancelled, once', async () => {
        await store.accept([call('a')], t0);
        expect(await store.cancel('a', t0 + 1)).toBe(true);
        expect(await store.cancel('a', t0 + 2)).toBe(false);
        expect(await stateOf('a')).toMatchObject({ state: 'cancelled', finishedAtMs: t0 + 1 });
        expect(await claim({ nowMs: t0 + 5 })).toEqual([]);
      });

      test('a running invocation is cancelled and its run cannot write any more', async () => {
        await store.accept([call('a')], t0);
        const lease = await claimOne();
        expect(await store.cancel('a', t0 + 1)).toBe(true);
        expect(await store.succeed(lease, t0 + 2)).toBe(false);
        expect(await store.get('a')).toMatchObject({ invocation: { state: 'cancelled' }, attempts: [{ outcome: 'cancelled', finishedAtMs: t0 + 1 }] });
      });

      test('what has ended or never was cannot be cancelled', async () => {
        await store.accept([call('a')], t0);
        await store.succeed(await claimOne(), t0);
        expect([await store.cancel('a', t0), await store.cancel('nobody', t0)]).toEqual([false, false]);
      });

      test('a failed invocation is replayed with all its attempts and its whole age', async () => {
        await store.accept([call('a', 'send', { retry: { ...retry, maxAttempts: 2 } })], t0);
        await store.fail(await claimOne(), thrown, t0);
        await store.fail(await claimOne(t0 + 60_000), thrown, t0 + 60_000);
        const later = t0 + 365 * 86_400_000;
        expect(await store.replay('a', later)).toBe(true);
        expect(await stateOf('a')).toMatchObject({ state: 'queued', attempt: 0, availableAtMs: later, replayedAtMs: later, acceptedAtMs: t0 });
        await store.fail(await claimOne(later), thrown, later);
        expect(await stateOf('a')).toMatchObject({ state: 'queued', attempt: 1 });
        expect((await store.get('a'))?.attempts.map(({ number }) => number)).toEqual([1, 2, 1]);
      });

      test('a cancelled invocation is replayed; a queued, running or succeeded one is not', async () => {
        await store.accept([call('a')], t0);
        expect(await store.replay('a', t0)).toBe(false);
        const lease = await claimOne();
        expect(await store.replay('a', t0)).toBe(false);
        await store.succeed(lease, t0);
        expect(await store.replay('a', t0)).toBe(false);
        await store.accept([call('b')], t0);
        await store.cancel('b', t0);
        expect(await store.replay('b', t0)).toBe(true);
        expect(await claim()).toHaveLength(1);
      });
    });

    describe('destinations', () => {
      const onSuccess = 'https://example.com/ok';
      const onFailure = 'https://example.com/bad';
      const destinations = { onSuccess, onFailure, request: { method: 'POST', url: 'http://site.test/x' } };
      const deliveries = async () =>
        (await claim({ free: { 'send:destination': 10 }, nowMs: t0 + 2 * leaseMs })).map(({ invocation, payload }) => {
          const { url, body } = JSON.parse(Buffer.from(payload).toString()) as Delivery;
          return { functionName: invocation.functionName, url, outcome: JSON.parse(body) as Outcome };
        });
      const once = { ...retry, maxAttempts: 1 };

      test('a success is accepted as a delivery with what the function answered', async () => {
        await store.accept([call('a', 'send', { destinations }), call('b', 'send', { destinations: { request: {} } }), call('c')], t0);
        const claims = await claim();
        expect(claims.map(({ wantsResponse }) => wantsResponse)).toEqual([true, false, false]);
        for (const claimed of claims) await store.succeed(leaseOf(claimed), t0 + 5, JSON.stringify({ statusCode: 200, body: 'done' }));
        expect(await deliveries()).toEqual([
          {
            functionName: 'send:destination',
            url: onSuccess,
            outcome: {
              version: 1,
              id: 'a',
              function: 'send',
              state: 'succeeded',
              acceptedAt: new Date(t0).toISOString(),
              finishedAt: new Date(t0 + 5).toISOString(),
              attempts: [{ number: 1, startedAt: new Date(t0).toISOString(), finishedAt: new Date(t0 + 5).toISOString(), outcome: 'succeeded', error: null }],
              error: null,
              request: destinations.request,
              response: { statusCode: 200, body: 'done' },
            },
          },
        ]);
      });

      test('a failure is told after the last attempt, without the stack', async () => {
        await store.accept([call('a', 'send', { destinations, retry: { ...retry, maxAttempts: 2, delaysSeconds: [0] } })], t0);
        await store.fail(await claimOne(), thrown, t0 + 1);
        expect(await deliveries()).toEqual([]);
        await store.fail(await claimOne(t0 + 2), thrown, t0 + 3);
        const { stack: _stack, ...error } = thrown;
        expect(await deliveries()).toMatchObject([{ url: onFailure, outcome: { state: 'failed', error, attempts: [{ error }, { error }], response: null } }]);
      });

      test('a run that is lost for good is told as well', async () => {
        await store.accept([call('a', 'send', { destinations, retry: once })], t0);
        await claimOne();
        await store.rescue(t0 + leaseMs);
        expect(await deliveries()).toMatchObject([{ url: onFailure, outcome: { error: { reason: 'lost' } } }]);
      });

      test('nothing is told of a release, a cancel, or a run whose lease is gone', async () => {
        await store.accept([call('a', 'send', { destinations })], t0);
        const first = await claimOne();
        await store.release(first, t0);
        const second = await claimOne();
        expect(await store.succeed(first, t0)).toBe(false);
        await store.cancel('a', t0);
        expect(await store.succeed(second, t0)).toBe(false);
        expect(await deliveries()).toEqual([]);
      });

      test('each end of a replayed invocation is told', async () => {
        await store.accept([call('a', 'send', { destinations, retry: once })], t0);
        await store.fail(await claimOne(), thrown, t0);
        await store.replay('a', t0 + 1);
        await store.succeed(await claimOne(t0 + 1), t0 + 2);
        expect((await deliveries()).map(({ outcome }) => outcome.state)).toEqual(['failed', 'succeeded']);
      });
    });

    test('probes whether it can write, and leaves no trace', async () => {
      await store.probe();
      expect(await store.owners()).toEqual([]);
    });

    describe('what it tells', () => {
      test('an unknown id is undefined', async () => {
        expect(await store.get('nobody')).toBeUndefined();
      });

      test('lists the newest first, by function, state and time', async () => {
        await store.accept([call('a')], t0);
        await store.accept([call('b', 'mail')], t0 + 1);
        await store.accept([call('c')], t0 + 2);
        await store.succeed(await claimOne(t0 + 3), t0 + 4);
        const ids = async (filter: Parameters<Store['list']>[0]) => (await store.list(filter)).map(({ id }) => id);
        expect(await ids({ limit: 10 })).toEqual(['c', 'b', 'a']);
        expect(await ids({ limit: 2 })).toEqual(['c', 'b']);
        expect(await ids({ limit: 10, functionName: 'send' })).toEqual(['c', 'a']);
        expect(await ids({ limit: 10, states: ['queued'] })).toEqual(['c', 'b']);
        expect(await ids({ limit: 10, states: ['queued', 'succeeded'] })).toEqual(['c', 'b', 'a']);
        expect(await ids({ limit: 10, states: ['queued'], functionName: 'send' })).toEqual(['c']);
        expect(await ids({ limit: 10, acceptedAfterMs: t0 + 1, acceptedBeforeMs: t0 + 1 })).toEqual(['b']);
      });

      test('lists page by page: what was accepted before the last one of the page, also within one millisecond', async () => {
        for (const accepted of [[call('a')], [call('b', 'mail')], [call('c'), call('d'), call('e')]]) await store.accept(accepted, t0);
        const ids = async (filter: Parameters<Store['list']>[0]) => (await store.list(filter)).map(({ id }) => id);
        expect(await ids({ limit: 2, beforeId: 'e' })).toEqual(['d', 'c']);
        expect(await ids({ limit: 2, beforeId: 'c' })).toEqual(['b', 'a']);
        expect(await ids({ limit: 2, beforeId: 'a' })).toEqual([]);
        expect(await ids({ limit: 10, beforeId: 'd', functionName: 'send' })).toEqual(['c', 'a']);
        expect(await ids({ limit: 10, beforeId: 'b', states: ['queued'] })).toEqual(['a']);
        expect(await ids({ limit: 10, beforeId: 'never' })).toEqual([]);
      });

      test('counts by function and state, with the age of the oldest due one', async () => {
        await store.accept([call('a'), call('b'), call('c'), call('d', 'mail')], t0);
        await store.succeed(await claimOne(), t0);
        await claimOne();
        await store.cancel('d', t0);
        const stats = (await store.stats(t0 + 500)).toSorted((x, y) => x.functionName.localeCompare(y.functionName));
        expect(stats).toEqual([
          { functionName: 'mail', counts: { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 1 } },
          { functionName: 'send', counts: { queued: 1, running: 1, succeeded: 1, failed: 0, cancelled: 0 }, oldestDueMs: 500 },
        ]);
      });

      test('knows when the next one falls due', async () => {
        expect(await store.nextAvailableAtMs()).toBeUndefined();
        await store.accept([call('a'), call('b')], t0);
        await store.fail(await claimOne(), thrown, t0);
        expect(await store.nextAvailableAtMs()).toBe(t0);
        expect(await store.nextAvailableAtMs(t0)).toBe(t0 + 60_000);
        expect(await store.nextAvailableAtMs(t0 + 60_000)).toBeUndefined();
      });

      test('purges what ended before a time, and nothing else', async () => {
        await store.accept([call('old', 'send', { idempotencyKey: 'k' }), call('failed', 'send', { retry: { ...retry, maxAttempts: 1 } }), call('running'), call('queued')], t0);
        await store.succeed(await claimOne(), t0 + 10);
        await store.fail(await claimOne(), thrown, t0 + 10);
        await claimOne();
        expect(await store.purge({ finishedBeforeMs: t0 + 10 })).toBe(0);
        expect(await store.purge({ finishedBeforeMs: t0 + 11, states: ['succeeded'] })).toBe(1);
        expect(await store.get('old')).toBeUndefined();
        expect(await store.purge({ finishedBeforeMs: t0 + 10 ** 9 })).toBe(1);
        expect((await store.list({ limit: 10 })).map(({ id }) => id).toSorted()).toEqual(['queued', 'running']);
        expect(await store.accept([call('new', 'send', { idempotencyKey: 'k' })], t0 + 20)).toEqual([{ id: 'new', duplicate: false }]);
      });

      test('purges thousands without holding up the accepts that come meanwhile', async () => {
        const ids = Array.from({ length: 2500 }, (_, index) => `old${index}`);
        await store.accept(ids.map((id) => call(id)), t0);
        await Promise.all(ids.map((id) => store.cancel(id, t0 + 1)));
        const order: string[] = [];
        const purged = store.purge({ finishedBeforeMs: t0 + 2 }).then((count) => {
          order.push('purged');
          return count;
        });
        const accepted = store.accept([call('new')], t0 + 3).then(() => order.push('accepted'));
        expect(await purged).toBe(2500);
        await accepted;
        expect(order).toEqual(['accepted', 'purged']);
        expect((await store.list({ limit: 10 })).map(({ id }) => id)).toEqual(['new']);
      });

      test('tells of a running invocation why its last attempt failed', async () => {
        await store.accept([call('a')], t0);
        await store.fail(await claimOne(), thrown, t0 + 1, [0]);
        await store.claim({ owner: 'o', free: { send: 1 }, limit: 1, nowMs: t0 + 2, leaseMs: 30_000 });
        expect((await store.get('a'))?.invocation).toMatchObject({ state: 'running', attempt: 2, lastError: thrown });
        expect(await store.list({ limit: 1 })).toMatchObject([{ state: 'running', lastError: thrown }]);
      });

      test('another client sees all of it, also after the first is closed', async () => {
        await store.accept([call('a')], t0);
        const other = await harness.openAnother();
        expect((await other.get('a'))?.invocation.state).toBe('queued');
        await store.close();
        expect((await other.get('a'))?.invocation.state).toBe('queued');
      });
    });
  });
}
