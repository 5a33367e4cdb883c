import { describe, expect, test } from 'vitest';
import type { IncomingCall } from '../../../src/runtime/calls/call.ts';
import { createScheduler } from '../../../src/runtime/calls/scheduler.ts';
import type { LoadedFunction } from '../../../src/runtime/load/load-functions.ts';
import { createLogSink } from '../../../src/runtime/observe/log-sink.ts';
import { loadedFunction } from '../support/loaded-function.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A clock that jumps from timer to timer. */
class FakeClock {
  timeMs: number;
  readonly #timers = new Set<{ atMs: number; callback: () => void }>();
  constructor(start: string) {
    this.timeMs = Date.parse(start);
  }
  nowMs(): number {
    return this.timeMs;
  }
  after(ms: number, callback: () => void): () => void {
    if (ms > 2 ** 31 - 1) throw new RangeError(`Node would call back after 1 ms instead of ${ms}`);
    const timer = { atMs: this.timeMs + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
  get pending(): number {
    return this.#timers.size;
  }
  runUntil(end: string): void {
    const endMs = Date.parse(end);
    for (;;) {
      const [next] = [...this.#timers].toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#timers.delete(next);
      this.timeMs = Math.max(this.timeMs, next.atMs);
      next.callback();
    }
    this.timeMs = endMs;
  }
}

const loaded = (name: string, schedule?: string): LoadedFunction =>
  loadedFunction({ name, schedule });

function pass(clock: ManualClock, seconds: number): void {
  for (let second = 0; second < seconds; second += 1) clock.advance(1000);
}

function rig<Time extends ManualClock | FakeClock>(clock: Time) {
  const enqueued: {
    name: string;
    call: IncomingCall;
    key: string | undefined;
    nfEvent: string | undefined;
  }[] = [];
  const notes: string[] = [];
  const scheduler = createScheduler({
    clock,
    origin: 'http://localhost:8888',
    logs: createLogSink(
      (line) => notes.push(line.text),
      () => clock.nowMs(),
    ),
    background: {
      enqueue(fn, call, { source, idempotencyKey } = {}) {
        enqueued.push({ name: fn.name, call, key: idempotencyKey, nfEvent: source?.nfEvent });
        return Promise.resolve({ id: 'id', duplicate: false });
      },
    },
  });
  return { clock, enqueued, notes, scheduler };
}

describe('the scheduler', () => {
  test('queues a run at every time of the schedule, in UTC, with the key of its minute', () => {
    const { clock, enqueued, scheduler } = rig(new FakeClock('2026-03-01T08:59:30Z'));
    scheduler.use([loaded('report', '0 9,10 * * *'), loaded('plain')]);
    clock.runUntil('2026-03-02T09:30:00Z');
    expect(enqueued.map(({ name, key }) => `${name} ${key}`)).toEqual([
      'report schedule:2026-03-01T09:00:00.000Z',
      'report schedule:2026-03-01T10:00:00.000Z',
      'report schedule:2026-03-02T09:00:00.000Z',
    ]);
  });

  test('sends the request that Netlify sends: POST, its user agent, the event header, the time of the next run', () => {
    const { clock, enqueued, scheduler } = rig(new FakeClock('2026-03-01T08:59:30Z'));
    scheduler.use([loaded('report', '@daily')]);
    clock.runUntil('2026-03-02T00:00:00Z');
    const [run] = enqueued;
    expect(run).toMatchObject({
      nfEvent: 'schedule',
      call: { method: 'POST', path: '/.netlify/functions/report' },
    });
    expect(run!.call.rawHeaders).toEqual([
      'user-agent',
      'Netlify Clockwork',
      'content-type',
      'application/json',
    ]);
    expect(JSON.parse(Buffer.from(run!.call.body).toString())).toEqual({
      next_run: '2026-03-03T00:00:00.000Z',
    });
  });

  test('reaches a time that is further away than the longest timer', () => {
    const { clock, enqueued, scheduler } = rig(new FakeClock('2026-03-01T00:00:00Z'));
    scheduler.use([loaded('yearly', '0 0 1 1 *')]);
    clock.runUntil('2026-12-31T23:59:59Z');
    expect(enqueued).toEqual([]);
    clock.runUntil('2027-01-01T00:00:00Z');
    expect(enqueued).toHaveLength(1);
  });

  test('does not make up for runs that a sleeping machine missed', () => {
    const { clock, enqueued, scheduler } = rig(new FakeClock('2026-03-01T00:00:30Z'));
    scheduler.use([loaded('often', '* * * * *')]);
    clock.timeMs = Date.parse('2026-03-01T05:00:30Z');
    clock.runUntil('2026-03-01T05:01:00Z');
    expect(enqueued.map(({ key }) => key)).toEqual([
      'schedule:2026-03-01T00:01:00.000Z',
      'schedule:2026-03-01T05:01:00.000Z',
    ]);
  });

  test('is on time again within a minute after the clock was set ahead, as after a machine slept', () => {
    const clock = new ManualClock(Date.parse('2026-03-01T00:00:30Z'));
    const { enqueued, scheduler } = rig(clock);
    scheduler.use([loaded('noon', '0 12 * * *')]);
    clock.jump(11 * 3_600_000 + 59 * 60_000);
    pass(clock, 90);
    expect(enqueued.map(({ key }) => key)).toEqual(['schedule:2026-03-01T12:00:00.000Z']);
  });

  test('makes the due runs after a clock that was a day ahead is corrected', () => {
    const clock = new ManualClock(Date.parse('2026-03-02T00:30:00Z'));
    const { enqueued, scheduler } = rig(clock);
    scheduler.use([loaded('hourly', '0 * * * *')]);
    clock.jump(-24 * 3_600_000);
    pass(clock, 31 * 60);
    expect(enqueued.map(({ key }) => key)).toEqual(['schedule:2026-03-01T01:00:00.000Z']);
  });

  test('drops the old schedules when the functions change, and all schedules when it stops', () => {
    const { clock, enqueued, scheduler } = rig(new FakeClock('2026-03-01T00:00:30Z'));
    scheduler.use([loaded('old', '* * * * *')]);
    scheduler.use([loaded('new', '* * * * *')]);
    clock.runUntil('2026-03-01T00:01:00Z');
    expect(enqueued.map(({ name }) => name)).toEqual(['new']);
    scheduler.stop();
    expect(clock.pending).toBe(0);
  });

  test('reports a schedule that is not valid, and runs the others', () => {
    const { clock, enqueued, notes, scheduler } = rig(new FakeClock('2026-03-01T00:00:30Z'));
    scheduler.use([loaded('broken', 'every day'), loaded('fine', '* * * * *')]);
    clock.runUntil('2026-03-01T00:01:00Z');
    expect(notes).toEqual([expect.stringContaining('"every day" of broken')]);
    expect(enqueued.map(({ name }) => name)).toEqual(['fine']);
  });
});

describe('an operator reads', () => {
  /**
   * Schedules the functions for two minutes, refuses every run with `refusal`, and returns the log
   * lines.
   */
  const notesOf = async (functions: readonly LoadedFunction[], refusal: Error) => {
    const clock = new FakeClock('2026-03-01T00:00:30Z');
    const notes: string[] = [];
    const logs = createLogSink(
      (line) => notes.push(line.text),
      () => clock.timeMs,
    );
    createScheduler({
      clock,
      logs,
      origin: 'http://localhost:8888',
      background: { enqueue: () => Promise.reject(refusal) },
    }).use(functions);
    const { pending } = clock;
    clock.runUntil('2026-03-01T00:02:00Z');
    await new Promise(setImmediate);
    return { notes, pending };
  };

  test('which run could not be stored, each time', async () => {
    const { notes } = await notesOf([loaded('often', '* * * * *')], new Error('disk full'));
    expect(notes).toEqual(
      ['00:01:00', '00:02:00'].map(
        (time) =>
          `The run of often due at 2026-03-01T${time}.000Z could not be stored and is left out: disk full`,
      ),
    );
  });

  test('nothing about a function without a schedule or with a schedule that is never due, and no timer is set for them', async () => {
    expect(
      await notesOf([loaded('plain'), loaded('never', '0 0 31 2 *')], new Error('it ran')),
    ).toEqual({ notes: [], pending: 0 });
  });
});
