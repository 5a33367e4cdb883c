import { detectLevel } from '../logs/detect-level.ts';
import type { LogLevel, NewLogLine } from '../logs/log-store.ts';
import type { RunnableFunction, WorkerLogLine } from '../worker/worker.ts';

/** A log line of the runtime itself. */
export interface PlatformNote {
  readonly level: LogLevel;
  readonly text: string;
  /** Default: `bgfn`, the runtime as a whole. */
  readonly functionName?: string | undefined;
  readonly invocationId?: string;
  readonly attempt?: number;
}

type LoggingFunction = Pick<RunnableFunction, 'name' | 'runtime'>;

/** Takes every log line, on its way to the log store and to live listeners. */
export interface LogSink {
  /** Milliseconds since the epoch. */
  now(): number;
  platform(note: PlatformNote): void;
  /** Gives a function that takes what one attempt prints. */
  forRun(fn: LoggingFunction, invocationId: string, attempt: number): (line: WorkerLogLine) => void;
  /** Takes what a worker prints while it runs nothing, or a note about its process. */
  betweenRuns(fn: LoggingFunction, line: WorkerLogLine): void;
}

/** The function name that the runtime's own lines are stored under. */
const runtimeName = 'bgfn';

export function createLogSink(write: (line: NewLogLine) => void, now: () => number): LogSink {
  return {
    now,
    platform({ functionName = runtimeName, ...note }) {
      write({ atMs: now(), stream: 'platform', functionName, ...note });
    },
    forRun({ name, runtime }, invocationId, attempt) {
      return (line) => {
        write({
          atMs: line.atMs,
          functionName: name,
          invocationId,
          attempt,
          stream: line.stream,
          level: levelOf(line, runtime),
          text: line.text,
        });
      };
    },
    betweenRuns({ name, runtime }, line) {
      write({
        atMs: line.atMs,
        functionName: name,
        stream: line.stream,
        level: levelOf(line, runtime),
        text: line.text,
      });
    },
  };
}

/**
 * The level that the line names, or else the one its stream stands for. Node writes console.warn
 * and console.error to stderr; Go's log package writes everything there, so for Go the stream says
 * nothing. A platform line of a worker always reports trouble: dropped output, a process that was
 * killed or could not be started.
 */
function levelOf(line: WorkerLogLine, runtime: 'js' | 'go'): LogLevel {
  if (line.stream === 'platform') return 'warn';
  return detectLevel(line.text) ?? levelOfStream(line.stream, runtime);
}

function levelOfStream(stream: 'stdout' | 'stderr', runtime: 'js' | 'go'): LogLevel {
  return stream === 'stderr' && runtime === 'js' ? 'error' : 'info';
}
