import { detectLevel } from '../logs/detect-level.ts';
import type { LogLevel, NewLogLine } from '../logs/log-store.ts';
import type { RunnableFunction, WorkerLogLine } from '../worker/worker.ts';

/** A log line of the runtime itself. */
export interface PlatformNote {
  readonly level: LogLevel;
  readonly text: string;
  /** The function that the line is about. Default: `bgfn`, which stands for the runtime as a whole. */
  readonly functionName?: string | undefined;
  readonly invocationId?: string;
  readonly attempt?: number;
}

type LoggingFunction = Pick<RunnableFunction, 'name' | 'runtime'>;

/** Receives every log line, and passes it on to the log store and to live listeners. */
export interface LogSink {
  /** Milliseconds since the epoch. */
  now(): number;
  platform(note: PlatformNote): void;
  /** Returns a function that receives the lines of one attempt. */
  forRun(fn: LoggingFunction, invocationId: string, attempt: number): (line: WorkerLogLine) => void;
  /** Receives a line that a worker prints while it runs nothing, or a note about its process. */
  betweenRuns(fn: LoggingFunction, line: WorkerLogLine): void;
}

/** The function name under which the runtime's own lines are stored. */
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
 * Returns the level that `logs/detect-level.ts` detects in the text of the line, or else the
 * default level of the stream. Node writes console.warn and console.error to stderr, so stderr
 * means an error. Go's log package writes every line to stderr, so for Go the stream means nothing.
 * A platform line of a worker always reports a problem: dropped output, or a process that was
 * killed or could not be started.
 */
function levelOf(line: WorkerLogLine, runtime: 'js' | 'go'): LogLevel {
  if (line.stream === 'platform') return 'warn';
  return detectLevel(line.text) ?? levelOfStream(line.stream, runtime);
}

function levelOfStream(stream: 'stdout' | 'stderr', runtime: 'js' | 'go'): LogLevel {
  return stream === 'stderr' && runtime === 'js' ? 'error' : 'info';
}
