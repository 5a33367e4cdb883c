import {
  failureOfExit,
  failureOfMemory,
  failureOfSlowInit,
  failureOfSpawn,
  failureOfTimeout,
  isShortage,
  type ProcessEnd,
} from '../failure/failure.ts';
import type { RunFailure, RunnableFunction } from '../worker.ts';
import type { Attempt } from './attempt.ts';
import { memoryMbOf } from './function-memory.ts';

/**
 * Why the pool killed a worker while the outcome of its attempt was open. `timeout`, `aborted`,
 * `out-of-memory` and `slow-init` settle the attempt. `stuck` does not: an attempt that the worker
 * has not taken goes to another worker.
 */
export type KillCause = 'timeout' | 'aborted' | 'out-of-memory' | 'slow-init' | 'stuck';

/**
 * Collects why a worker ends, and settles the worker's attempt accordingly. The first kill cause
 * and the first init failure stay; later ones are consequences of the first and are ignored.
 */
export class CauseOfDeath {
  readonly #fn: RunnableFunction;
  readonly #memoryMb: number;
  #killCause: KillCause | undefined;
  #isEnding = false;
  #initFailure: RunFailure | undefined;
  #usedMb = 0;
  /** The worker could not be started because the machine is at a limit, which may pass. */
  #isShortage = false;

  constructor(fn: RunnableFunction) {
    this.#fn = fn;
    this.#memoryMb = memoryMbOf(fn);
  }

  /** Whether the worker has a kill cause. The worker's own answer does not count any more then. */
  get wasKilled(): boolean {
    return this.#killCause !== undefined;
  }

  /** Whether the worker ends or is about to end, with or without a kill cause. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  killedFor(cause: KillCause): void {
    this.#isEnding = true;
    this.#killCause ??= cause;
  }

  /** Marks the worker as ending, for a reason that does not affect its attempt. */
  markEnding(): void {
    this.#isEnding = true;
  }

  usedTooMuch(usedMb: number, ready: boolean): void {
    this.#usedMb = usedMb;
    if (!ready) this.initFailed(failureOfMemory(usedMb, this.#memoryMb));
  }

  initFailed(failure: RunFailure): void {
    this.#initFailure ??= failure;
  }

  initTookTooLong(initTimeoutMs: number): void {
    this.initFailed(failureOfSlowInit(initTimeoutMs));
  }

  spawnFailed(error: unknown): void {
    this.initFailed(failureOfSpawn(error, this.#fn));
    this.#isShortage = isShortage(error);
  }

  endedBeforeReady(end: ProcessEnd): void {
    if (this.#killCause !== 'aborted') this.initFailed(failureOfExit(end, 'init', this.#memoryMb));
  }

  /**
   * The failure of a worker that was never ready. The message includes the machine problem of the
   * function, which may have caused the failure.
   */
  get initFailure(): RunFailure | undefined {
    const { machineProblem } = this.#fn;
    const failure = this.#initFailure;
    return failure === undefined || machineProblem === undefined
      ? failure
      : { ...failure, message: `${failure.message} (${machineProblem.message})` };
  }

  /** Whether the function is to blame for a failed start. */
  get blamesFunction(): boolean {
    return !this.#isShortage;
  }

  /**
   * Settles the attempt that the worker had when it ended. Returns false if the attempt has not
   * begun and is still open, so that it may go to another worker.
   */
  settle(
    attempt: Attempt,
    nowMs: number,
    end: ProcessEnd,
    initFailure: RunFailure | undefined,
  ): boolean {
    switch (this.#killCause) {
      case 'aborted':
        attempt.abort(nowMs);
        return true;
      case 'timeout':
        attempt.fail(nowMs, failureOfTimeout(attempt.request.timeoutMs));
        return true;
      case 'out-of-memory':
        attempt.fail(nowMs, failureOfMemory(this.#usedMb, this.#memoryMb));
        return true;
      default:
        if (initFailure === undefined) return this.#settleByExit(attempt, nowMs, end);
        if (this.#isShortage) attempt.notStarted(nowMs, initFailure);
        else attempt.fail(nowMs, initFailure);
        return true;
    }
  }

  /** Settles the attempt of a worker that had been ready and was not killed because of the attempt. */
  #settleByExit(attempt: Attempt, nowMs: number, end: ProcessEnd): boolean {
    const { bodyEnd } = attempt;
    if (bodyEnd !== undefined && (bodyEnd.failure !== undefined || end.code === 0)) {
      attempt.endStream(nowMs);
    } else if (attempt.taken) {
      attempt.fail(nowMs, failureOfExit(end, 'run', this.#memoryMb));
    } else {
      return false;
    }
    return true;
  }
}
