import { expect, test } from 'vitest';
import { followLogs } from '../../../src/cli/stores/follow-logs.ts';
import type { LogFilter, LogLine, LogStore } from '../../../src/runtime/logs/log-store.ts';

function line(sequence: number, text: string): LogLine {
  return { sequence, atMs: sequence, functionName: 'hello', stream: 'stdout', level: 'info', text };
}

function memoryLogs(lines: LogLine[]): { logs: LogStore; filters: LogFilter[] } {
  const filters: LogFilter[] = [];
  const logs: LogStore = {
    append: () => undefined,
    flush: () => Promise.resolve(),
    read: (filter) => {
      filters.push(filter);
      const matching = lines.filter(
        (candidate) => candidate.sequence > (filter.afterSequence ?? 0),
      );
      return Promise.resolve(filter.limit === undefined ? matching : matching.slice(-filter.limit));
    },
    prune: () => Promise.resolve(0),
    close: () => Promise.resolve(),
  };
  return { logs, filters };
}

test('lines that arrive between two reads are shown once, in order, without the limit of the first read', async () => {
  const kept = [line(1, 'old'), line(2, 'older than the limit shows'), line(3, 'first')];
  const { logs } = memoryLogs(kept);
  const shown: string[] = [];
  const controller = new AbortController();
  const arrivals = [[line(4, 'second'), line(5, 'third')], []];

  await followLogs(logs, {
    filter: { limit: 1 },
    signal: controller.signal,
    onLine: (each) => shown.push(each.text),
    pause: () => {
      const next = arrivals.shift();
      if (next === undefined) controller.abort();
      kept.push(...(next ?? []));
      return Promise.resolve();
    },
  });

  expect(shown).toEqual(['first', 'second', 'third']);
});

test('lines printed just before the end are still shown', async () => {
  const kept = [line(1, 'working')];
  const { logs } = memoryLogs(kept);
  const shown: string[] = [];
  let looks = 0;

  await followLogs(logs, {
    filter: {},
    signal: new AbortController().signal,
    onLine: (each) => shown.push(each.text),
    isDone: () => Promise.resolve((looks += 1) > 1),
    pause: () => {
      kept.push(line(kept.length + 1, `line ${kept.length + 1}`));
      return Promise.resolve();
    },
  });

  expect(shown).toEqual(['working', 'line 2', 'line 3']);
});
