import type { OfferedInvocation } from '../runtime-api/given-invocation.ts';
import type { StreamedResponse } from '../runtime-api/streamed-response.ts';
import type {
  RunFailure,
  RunnableFunction,
  RunOutcome,
  RunRequest,
  RunResponse,
  StreamEnd,
} from '../worker.ts';

/**
 * One call of the pool's `run`, from the wait for a worker to the outcome. The outcome is settled
 * once. When the outcome is a streamed response, the end of the run is settled later.
 */
export class Attempt {
  readonly fn: RunnableFunction;
  readonly request: RunRequest;
  readonly outcome: Promise<RunOutcome>;
  /** The time when the worker took the event; before that, the time when `run` was called. */
  startedAtMs: number;
  /** The worker has taken the event. */
  taken = false;
  /** Set when the whole streamed body has arrived. `failure`: the error that ended the body. */
  bodyEnd: { readonly failure: RunFailure | undefined } | undefined;
  readonly #resolve: (outcome: RunOutcome) => void;
  readonly #streamEnd = Promise.withResolvers<StreamEnd>();

  constructor(fn: RunnableFunction, request: RunRequest, nowMs: number) {
    this.fn = fn;
    this.request = request;
    this.startedAtMs = nowMs;
    const { promise, resolve } = Promise.withResolvers<RunOutcome>();
    this.outcome = promise;
    this.#resolve = resolve;
  }

  /** The event of the attempt in the form that the Runtime API sends. */
  get invocation(): OfferedInvocation {
    const { invocationId: requestId, payload, timeoutMs } = this.request;
    const region = this.fn.environment['AWS_REGION'] ?? 'us-east-1';
    return {
      requestId,
      payload,
      timeoutMs,
      functionArn: `arn:aws:lambda:${region}:000000000000:function:${this.fn.name}`,
    };
  }

  succeed(nowMs: number, response: RunResponse): void {
    this.#resolve({ kind: 'succeeded', durationMs: this.#durationMs(nowMs), response });
  }

  /**
   * Settles the outcome with a streamed response that has begun. `fail`, `abort` or `endStream`
   * settles the end of the run later.
   */
  stream(nowMs: number, response: StreamedResponse): void {
    this.succeed(nowMs, { ...response, end: this.#streamEnd.promise });
  }

  /**
   * Settles the end of a run whose worker has streamed the whole response and has finished the
   * invocation.
   */
  endStream(nowMs: number): void {
    const failure = this.bodyEnd?.failure;
    const durationMs = this.#durationMs(nowMs);
    this.#streamEnd.resolve(
      failure === undefined
        ? { kind: 'complete', durationMs }
        : { kind: 'failed', durationMs, failure },
    );
  }

  get streamEnd(): Promise<StreamEnd> {
    return this.#streamEnd.promise;
  }

  fail(nowMs: number, failure: RunFailure): void {
    const failed = { kind: 'failed', durationMs: this.#durationMs(nowMs), failure } as const;
    this.#streamEnd.resolve(failed);
    this.#resolve(failed);
  }

  abort(nowMs: number): void {
    const aborted = { kind: 'aborted', durationMs: this.#durationMs(nowMs) } as const;
    this.#streamEnd.resolve(aborted);
    this.#resolve(aborted);
  }

  /** Settles an attempt for which no worker could be started because the machine is at a limit. */
  notStarted(nowMs: number, failure: RunFailure): void {
    this.#resolve({ kind: 'not-started', durationMs: this.#durationMs(nowMs), failure });
  }

  /** Is never negative, even if the system's clock was set back. */
  #durationMs(nowMs: number): number {
    return Math.max(0, nowMs - this.startedAtMs);
  }
}
