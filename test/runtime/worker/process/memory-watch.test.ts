import { expect, test } from 'vitest';
import { MemoryWatch } from '../../../../src/runtime/worker/process/memory-watch.ts';

test('memory is checked more often while something runs, and never after the process has ended', () => {
  const timers = new Map<() => void, number>();
  const clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    after: (ms: number, callback: () => void) => {
      timers.set(callback, ms);
      return () => void timers.delete(callback);
    },
  };
  const watch = new MemoryWatch(clock, 1_000_000, () => undefined);
  watch.watch(process.pid, 'busy');
  const [first] = timers.keys();
  expect([...timers.values()]).toEqual([200]);
  timers.delete(first!);
  first!();
  expect([...timers.values()]).toEqual([200]);
  watch.watch(process.pid, 'idle');
  expect([...timers.values()]).toEqual([1000]);
  watch.stop();
  watch.watch(process.pid, 'idle');
  expect(timers.size).toBe(0);
});
