import { describe, expect, test } from 'vitest';
import type { NewLogLine } from '../../../src/runtime/logs/log-store.ts';
import { createLogSink } from '../../../src/runtime/observe/log-sink.ts';
import type { RunnableFunction, WorkerLogLine } from '../../../src/runtime/worker/worker.ts';

const lines: NewLogLine[] = [];
const sink = createLogSink(
  (line) => void lines.push(line),
  () => 7,
);

function runnable(runtime: 'js' | 'go'): RunnableFunction {
  return {
    name: 'shop',
    runtime,
    directory: '/nowhere',
    handler: 'shop.handler',
    environment: {},
    version: '1',
  };
}

/** The two origins of a line of a worker: an attempt, and a pause between two attempts. */
const ways: readonly (readonly [string, (runtime: 'js' | 'go', line: WorkerLogLine) => void])[] = [
  ['of an attempt', (runtime, line) => sink.forRun(runnable(runtime), 'id', 2)(line)],
  ['between two attempts', (runtime, line) => sink.betweenRuns(runnable(runtime), line)],
];

describe.each(ways)('a line %s', (_, write) => {
  test.each([
    ['js', 'stdout', 'hello', 'info'],
    ['js', 'stderr', 'hello', 'error'],
    ['js', 'stderr', '{"level":30,"msg":"hello"}', 'info'],
    ['js', 'stdout', '[warn] hello', 'warn'],
    ['go', 'stderr', '2026/11/27 hello', 'info'],
    ['go', 'stderr', 'level=ERROR msg=hello', 'error'],
    ['js', 'platform', 'so many bytes of output were dropped', 'warn'],
  ] as const)('of a %s function on %s (%s) has the level %s', (runtime, stream, text, level) => {
    write(runtime, { atMs: 5, stream, text });
    expect(lines.at(-1)).toMatchObject({ atMs: 5, functionName: 'shop', stream, text, level });
  });
});
