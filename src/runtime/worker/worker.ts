/**
 * Running functions, and nothing else: this folder knows no queue and no routes. It is given an
 * extracted function and an event, and says how the run ended. Workers are child processes that
 * speak the AWS Lambda Runtime API, one invocation at a time.
 */

/** A function ready to run: its artifact is verified and extracted. */
export interface RunnableFunction {
  readonly name: string;
  readonly runtime: 'js' | 'go';
  /** Absolute directory of the extracted artifact: LAMBDA_TASK_ROOT. */
  readonly directory: string;
  /** `<file>.<export>` for Node, `bootstrap` for Go: _HANDLER. */
  readonly handler: string;
  readonly memoryMb?: number | undefined;
  /**
   * What the child sees beyond the fixed Lambda variables. Nothing else of our own environment is
   * passed on.
   */
  readonly environment: Readonly<Record<string, string>>;
  /** Changes when the artifact changes: warm workers of another version are not used. */
  readonly version: string;
  /** It was built for another machine than this. */
  readonly machineProblem?: MachineProblem | undefined;
}

/**
 * Why a function cannot run on this machine (`fatal`: every run fails with it before a process is
 * started), or may not: it is added to what fails at the start.
 */
export interface MachineProblem {
  readonly fatal: boolean;
  /** Names the function, and says what to do. */
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
  readonly signal?: AbortSignal;
  readonly onLog: (line: WorkerLogLine) => void;
  /** Called once the worker has taken the event. */
  readonly onStart?: () => void;
}

export interface WorkerLogLine {
  readonly atMs: number;
  readonly stream: 'stdout' | 'stderr' | 'platform';
  readonly text: string;
}

export type RunOutcome =
  | { readonly kind: 'succeeded'; readonly durationMs: number; readonly response: RunResponse }
  | { readonly kind: 'failed'; readonly durationMs: number; readonly failure: RunFailure }
  /** `signal` aborted it. */
  | { readonly kind: 'aborted'; readonly durationMs: number }
  /**
   * The machine had no process, file descriptor or memory for a worker. Nothing of the function has
   * run, and it is not at fault: later it may go.
   */
  | { readonly kind: 'not-started'; readonly durationMs: number; readonly failure: RunFailure };

export type RunResponse =
  /** The handler's result, UTF-8 JSON as posted to the Runtime API. */
  | { readonly kind: 'buffered'; readonly body: Uint8Array }
  /**
   * A streamed HTTP response: the head is here, the body is still coming (it fails when the worker
   * dies in the middle). The run is not over yet.
   */
  | {
      readonly kind: 'streamed';
      readonly statusCode: number;
      readonly headers: readonly (readonly [string, string])[];
      readonly body: ReadableStream<Uint8Array>;
      /**
       * Resolves when the run is over: the body has ended or broken, and the function is done with
       * what it does after its answer (`waitUntil`). Never rejects.
       */
      readonly end: Promise<StreamEnd>;
    };

/** How a run went on once its streamed response had begun. */
export type StreamEnd =
  | { readonly kind: 'complete'; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly durationMs: number; readonly failure: RunFailure }
  | { readonly kind: 'aborted'; readonly durationMs: number };

export interface RunFailure {
  readonly reason: 'error' | 'timeout' | 'crash' | 'out-of-memory' | 'init';
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
}

/** Keeps warm workers and lends them out. */
export interface WorkerPool {
  /**
   * Never rejects for what the function does; rejects with a bug of ours only. Waits for nothing
   * but a process to start.
   */
  run(fn: RunnableFunction, request: RunRequest): Promise<RunOutcome>;
  /**
   * Ends the idle workers of all versions but `current` (by function name); the busy ones end after
   * their run.
   */
  retain(current: ReadonlyMap<string, string>): void;
  /** Kills every worker with its process group. */
  close(): Promise<void>;
}
