/**
 * The interface of this folder, which runs functions and knows no queue and no routes. A pool is
 * given an extracted function and an event, and says how the run ended. Workers are child processes
 * that speak the AWS Lambda Runtime API, one invocation at a time.
 */

/** A function that is ready to run: its artifact was verified and extracted. */
export interface RunnableFunction {
  readonly name: string;
  readonly runtime: 'js' | 'go';
  /** Absolute directory of the extracted artifact: LAMBDA_TASK_ROOT. */
  readonly directory: string;
  /** `<file>.<export>` for Node, `bootstrap` for Go: _HANDLER. */
  readonly handler: string;
  readonly memoryMb?: number | undefined;
  /**
   * What the child process gets besides the fixed Lambda variables. It gets nothing else of our own
   * environment.
   */
  readonly environment: Readonly<Record<string, string>>;
  /** Changes with the artifact: warm workers of another version are not used. */
  readonly version: string;
  /** Set when the artifact was built for a machine other than this one. */
  readonly machineProblem?: MachineProblem | undefined;
}

/** Why a function cannot, or possibly cannot, run on this machine. */
export interface MachineProblem {
  /**
   * True: every run fails with this problem, and no process is started. False: the problem is added
   * to the message of a start that fails.
   */
  readonly fatal: boolean;
  /** Names the function and says what to do. */
  readonly message: string;
}

export interface RunRequest {
  /** Lambda-Runtime-Aws-Request-Id. */
  readonly invocationId: string;
  /** From 1. */
  readonly attempt: number;
  /** The event, UTF-8 JSON. */
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  /** Aborting it kills the worker: the attempt is over. */
  readonly signal?: AbortSignal | undefined;
  readonly onLog: (line: WorkerLogLine) => void;
  /** Called once the worker has taken the event. */
  readonly onStart?: (() => void) | undefined;
}

export interface WorkerLogLine {
  readonly atMs: number;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}

export type RunOutcome =
  | { readonly kind: 'succeeded'; readonly durationMs: number; readonly response: RunResponse }
  | { readonly kind: 'failed'; readonly durationMs: number; readonly failure: RunFailure }
  /** The signal of the request was aborted. */
  | { readonly kind: 'aborted'; readonly durationMs: number }
  /**
   * The machine lacked a process, a file descriptor or memory for a worker. The function is not at
   * fault and has not run: a later try may succeed.
   */
  | { readonly kind: 'not-started'; readonly durationMs: number; readonly failure: RunFailure };

export type RunResponse =
  /** The handler's result, UTF-8 JSON as posted to the Runtime API. */
  | { readonly kind: 'buffered'; readonly body: Uint8Array }
  /**
   * A streamed HTTP response whose head has come. The run goes on; the body fails when the worker
   * dies before its end.
   */
  | {
      readonly kind: 'streamed';
      readonly statusCode: number;
      readonly headers: readonly (readonly [string, string])[];
      readonly body: ReadableStream<Uint8Array>;
      /**
       * Resolves when the run is over: the body has ended or failed, and so has the work that the
       * function does after its answer (`waitUntil`). Never rejects.
       */
      readonly end: Promise<StreamEnd>;
    };

/** How a run ended whose streamed response had begun. */
export type StreamEnd =
  | { readonly kind: 'complete'; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly durationMs: number; readonly failure: RunFailure }
  | { readonly kind: 'aborted'; readonly durationMs: number };

export interface RunFailure {
  readonly reason: 'error' | 'timeout' | 'crash' | 'out-of-memory' | 'init';
  readonly type: string;
  readonly message: string;
  readonly stack?: string | undefined;
}

/** Keeps warm workers and runs functions on them. */
export interface WorkerPool {
  /**
   * Runs a function, on a worker that is started when none is free. Rejects for a bug of ours only:
   * whatever the function does is an outcome.
   */
  run(fn: RunnableFunction, request: RunRequest): Promise<RunOutcome>;
  /**
   * Ends the workers of all versions but `current` (versions by function name): idle ones now, busy
   * ones after their run.
   */
  retain(current: ReadonlyMap<string, string>): void;
  /** Kills every worker with its process group. */
  close(): Promise<void>;
}
