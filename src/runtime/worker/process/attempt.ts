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
 * One call of `run` on its way through the pool: from waiting for a worker to its outcome, which is
 * settled once. When that is a streamed response, how the run ends is settled after it.
 */
export class Attempt {
  readonly fn: RunnableFunction;
  readonly request: RunRequest;
  readonly outcome: Promise<RunOutcome>;
  /** When the worker took the event; until then, when it was asked for. */
  startedAtMs: number;
  /** The worker has the event. */
  taken = false;
  /** All of its streamed body has come, or the error that broke it. */
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

  /** As its worker is told of it. */
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

  /** The response has begun; `fail`, `abort` and `endStream` tell how it went on. */
  stream(nowMs: number, response: StreamedResponse): void {
    this.succeed(nowMs, { ...response, end: this.#streamEnd.promise });
  }

  /** The worker is done with the answer that it has streamed. */
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

  /** There was no room for a worker. */
  giveBack(nowMs: number, failure: RunFailure): void {
    this.#resolve({ kind: 'not-started', durationMs: this.#durationMs(nowMs), failure });
  }

  /** The system's clock may have been set back in between. */
  #durationMs(nowMs: number): number {
    return Math.max(0, nowMs - this.startedAtMs);
  }
}
