/**
 * The interface of this folder, which runs functions and depends neither on the queue nor on HTTP
 * routes. A pool takes an extracted function and an event, and reports how the run ended. Workers
 * are child processes that speak the AWS Lambda Runtime API, one invocation at a time.
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
   * The variables of the child process besides the fixed Lambda variables. The child process
   * inherits nothing else from the environment of bgfn.
   */
  readonly environment: Readonly<Record<string, string>>;
  /** Identifies the artifact. Warm workers of another version are not used. */
  readonly version: string;
  /** Set when the artifact was built for a machine other than this one. */
  readonly machineProblem?: MachineProblem | undefined;
}

/** Why a function cannot, or possibly cannot, run on this machine. */
export interface MachineProblem {
  /**
   * If true, every run fails with this problem and no process is started. If false, the problem is
   * added to the error message of a failed start.
   */
  readonly fatal: boolean;
  /** Names the function and the remedy. */
  readonly message: string;
}

export interface RunRequest {
  /** Lambda-Runtime-Aws-Request-Id. */
  readonly invocationId: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** The event, UTF-8 JSON. */
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  /** When the signal is aborted, the worker is killed and the attempt ends. */
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
  /** The signal of the request was aborted during the run. */
  | { readonly kind: 'aborted'; readonly durationMs: number }
  /**
   * The machine lacked a process, a file descriptor or memory for a worker. The function is not at
   * fault and has not run. A later attempt may succeed.
   */
  | { readonly kind: 'not-started'; readonly durationMs: number; readonly failure: RunFailure };

export type RunResponse =
  /** The handler's result, UTF-8 JSON as posted to the Runtime API. */
  | { readonly kind: 'buffered'; readonly body: Uint8Array }
  /**
   * A streamed HTTP response whose head has arrived. The run continues; the body fails when the
   * worker dies before the end of the body.
   */
  | {
      readonly kind: 'streamed';
      readonly statusCode: number;
      readonly headers: readonly (readonly [string, string])[];
      readonly body: ReadableStream<Uint8Array>;
      /**
       * Resolves when the run is over: the body has ended or failed, and the work that the function
       * does after its response (`waitUntil`) has ended too. Never rejects.
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
   * Runs a function on a free worker, or on a new one if none is free. Rejects only because of a
   * bug in bgfn: every failure of the function is an outcome.
   */
  run(fn: RunnableFunction, request: RunRequest): Promise<RunOutcome>;
  /**
   * Ends the workers of all versions except `current` (versions by function name). Idle workers end
   * now, busy workers after their run.
   */
  retain(current: ReadonlyMap<string, string>): void;
  /** Kills every worker with its process group. */
  close(): Promise<void>;
}
