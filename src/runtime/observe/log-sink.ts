import { detectLevel } from '../../log/detect-level.ts';
import type { LogLevel, NewLogLine } from '../../log/log-store.ts';
import type { WorkerLogLine } from '../../worker/worker.ts';
import type { LoadedFunction } from '../load/load-functions.ts';

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
  append(line: NewLogLine): void;
  platform(note: PlatformNote): void;
  /** Tags what one attempt prints. */
  forRun(fn: Pick<LoadedFunction, 'name' | 'runnable'>, invocationId: string, attempt: number): (line: WorkerLogLine) => void;
}

/** The name under which the runtime's own lines are kept. */
const runtimeName = 'bgfn';

export function createLogSink(write: (line: NewLogLine) => void, now: () => number): LogSink {
  return {
    now,
    append: write,
    platform({ functionName = runtimeName, ...note }) {
      write({ atMs: now(), stream: 'platform', functionName, ...note });
    },
    forRun(fn, invocationId, attempt) {
      return (line) => {
        const level = levelOf(line, fn.runnable.runtime);
        write({ atMs: line.atMs, functionName: fn.name, invocationId, attempt, stream: line.stream, level, text: line.text });
      };
    },
  };
}

/**
 * What the line itself says; else by its stream: Node writes console.warn and console.error to stderr, while Go's log package writes everything there, so
 * that for Go it says nothing.
 */
function levelOf(line: WorkerLogLine, runtime: 'js' | 'go'): LogLevel {
  const said = line.stream === 'platform' ? undefined : detectLevel(line.text);
  if (said !== undefined) return said;
  if (line.stream === 'stderr') return runtime === 'js' ? 'error' : 'info';
  return 'info';
}
