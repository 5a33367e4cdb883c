import type { RunFailure, RunnableFunction, RunOutcome, RunRequest, RunResponse } from './worker.ts';

/** One call of `run` on its way through the pool: from waiting for a worker to its outcome, which is settled once. */
export class Attempt {
  readonly fn: RunnableFunction;
  readonly request: RunRequest;
  readonly outcome: Promise<RunOutcome>;
  /** When the worker took the event; until then, when it was asked for. */
  startedAtMs: number;
  /** The worker has the event. */
  taken = false;
  readonly #resolve: (outcome: RunOutcome) => void;

  constructor(fn: RunnableFunction, request: RunRequest, nowMs: number) {
    this.fn = fn;
    this.request = request;
    this.startedAtMs = nowMs;
    const { promise, resolve } = Promise.withResolvers<RunOutcome>();
    this.outcome = promise;
    this.#resolve = resolve;
  }

  succeed(nowMs: number, response: RunResponse): void {
    this.#resolve({ kind: 'succeeded', durationMs: this.#durationMs(nowMs), response });
  }

  fail(nowMs: number, failure: RunFailure): void {
    this.#resolve({ kind: 'failed', durationMs: this.#durationMs(nowMs), failure });
  }

  abort(nowMs: number): void {
    this.#resolve({ kind: 'aborted', durationMs: this.#durationMs(nowMs) });
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
