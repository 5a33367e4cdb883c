import { expect, test } from 'vitest';
import type { DispatcherEvent } from '../../../src/runtime/dispatch/dispatcher-event.ts';
import { StoreHealth } from '../../../src/runtime/dispatch/store-health.ts';
import { StoreUnavailableError } from '../../../src/runtime/queue/store.ts';
import { ManualClock } from '../support/manual-clock.ts';

function rig() {
  const clock = new ManualClock();
  const events: DispatcherEvent[] = [];
  return { clock, events, health: new StoreHealth(clock, (event) => events.push(event)) };
}

test('a store that does not answer is not asked for twice as long each time, five seconds at most, and is reported once', () => {
  const { clock, events, health } = rig();
  const restsMs = Array.from({ length: 8 }, () => {
    health.failed(new StoreUnavailableError('database or disk is full'));
    for (let ms = 0; ; ms += 100) {
      if (!health.isResting) return ms;
      clock.advance(100);
    }
  });
  expect(restsMs).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  expect(events).toEqual([{ kind: 'store-unavailable', message: 'database or disk is full' }]);
});

test('a store that answers again is asked at once, its recovery is reported once, and the next outage starts anew', () => {
  const { clock, events, health } = rig();
  expect(health.answered()).toBe(false);
  health.failed(new StoreUnavailableError('away'));
  health.failed(new StoreUnavailableError('away'));
  expect(health.answered()).toBe(true);
  expect(health.isResting).toBe(false);
  expect(health.answered()).toBe(false);
  health.failed(new StoreUnavailableError('away again'));
  clock.advance(99);
  expect(health.isResting).toBe(true);
  clock.advance(1);
  expect(health.isResting).toBe(false);
  expect(events.map(({ kind }) => kind)).toEqual([
    'store-unavailable',
    'store-recovered',
    'store-unavailable',
  ]);
});

test('an error of another kind is reported as a bug, and the store is asked again at once', () => {
  const { events, health } = rig();
  const error = new TypeError('a bug');
  health.failed(error);
  expect(events).toEqual([{ kind: 'internal-error', error }]);
  expect([health.isResting, health.answered()]).toEqual([false, false]);
});
