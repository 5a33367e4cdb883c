import type { LoadedFunction } from '../load/load-functions.ts';
import { detectLevel } from '../logs/detect-level.ts';
import type { LogLevel, NewLogLine } from '../logs/log-store.ts';
import type { RunnableFunction, WorkerLogLine } from '../worker/worker.ts';

/** What the runtime says itself. */
export interface PlatformNote {
  readonly level: LogLevel;
  readonly text: string;
  /** Default: the runtime as a whole, under the name `bgfn`. */
  readonly functionName?: string;
  readonly invocationId?: string;
  readonly attempt?: number;
}

/** Where every log line goes: into the log store, and to whoever watches live. */
export interface LogSink {
  /** Milliseconds since the epoch. */
  now(): number;
  platform(note: PlatformNote): void;
  /** Tags what one attempt prints. */
  forRun(
    fn: Pick<LoadedFunction, 'name' | 'runnable'>,
    invocationId: string,
    attempt: number,
  ): (line: WorkerLogLine) => void;
  /** What a worker prints, or what happens to it, while it runs nothing. */
  betweenRuns(fn: Pick<RunnableFunction, 'name' | 'runtime'>, line: WorkerLogLine): void;
}

/** The name under which the runtime's own lines are kept. */
const runtimeName = 'bgfn';

export function createLogSink(write: (line: NewLogLine) => void, now: () => number): LogSink {
  return {
    now,
    platform({ functionName = runtimeName, ...note }) {
      write({ atMs: now(), stream: 'platform', functionName, ...note });
    },
    forRun(fn, invocationId, attempt) {
      return (line) => {
        const level = levelOf(line, fn.runnable.runtime);
        write({
          atMs: line.atMs,
          functionName: fn.name,
          invocationId,
          attempt,
          stream: line.stream,
          level,
          text: line.text,
        });
      };
    },
    betweenRuns(fn, line) {
      write({
        atMs: line.atMs,
        functionName: fn.name,
        stream: line.stream,
        level: levelOf(line, fn.runtime),
        text: line.text,
      });
    },
  };
}

/**
 * What the line itself says; else by its stream: Node writes console.warn and console.error to
 * stderr, while Go's log package writes everything there, so that for Go it says nothing. Our own
 * lines among a worker's say that output was dropped, or that its process had to be killed or could
 * not be started.
 */
function levelOf(line: WorkerLogLine, runtime: 'js' | 'go'): LogLevel {
  if (line.stream === 'platform') return 'warn';
  const said = detectLevel(line.text);
  if (said !== undefined) return said;
  if (line.stream === 'stderr') return runtime === 'js' ? 'error' : 'info';
  return 'info';
}
