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

/** Why we killed a worker. `not-needed` does not affect its attempt; the others decide it. */
export type KillCause =
  | 'timeout'
  | 'aborted'
  | 'out-of-memory'
  | 'slow-init'
  | 'stuck'
  | 'not-needed';

/** Why a worker ends, as far as is known. The first cause counts, and later ones are ignored. */
export class CauseOfDeath {
  readonly #fn: RunnableFunction;
  readonly #memoryMb: number;
  #killCause: KillCause | undefined;
  #initFailure: RunFailure | undefined;
  #usedMb = 0;
  /** It could not be started because the machine is at a limit, which may pass. */
  #isShortage = false;

  constructor(fn: RunnableFunction) {
    this.#fn = fn;
    this.#memoryMb = memoryMbOf(fn);
  }

  get killCause(): KillCause | undefined {
    return this.#killCause;
  }

  /** Whether it was killed for a reason that decides the attempt. */
  get decidesAttempt(): boolean {
    return this.#killCause !== undefined && this.#killCause !== 'not-needed';
  }

  killedFor(cause: KillCause): void {
    if (!this.decidesAttempt) this.#killCause = cause;
  }

  /** It ends for a reason that has nothing to do with its attempt. */
  notNeeded(): void {
    this.#killCause ??= 'not-needed';
  }

  usedTooMuch(usedMb: number, ready: boolean): void {
    this.#usedMb = usedMb;
    if (!ready) this.initFailed(failureOfMemory(usedMb, this.#memoryMb));
  }

  initFailed(failure: RunFailure): void {
    this.#initFailure ??= failure;
  }

  initTookTooLong(initTimeoutMs: number): void {
    this.#initFailure = failureOfSlowInit(initTimeoutMs);
  }

  spawnFailed(error: unknown): void {
    this.initFailed(failureOfSpawn(error, this.#fn));
    this.#isShortage = isShortage(error);
  }

  endedBeforeReady(end: ProcessEnd): void {
    if (this.#killCause !== 'aborted') this.initFailed(failureOfExit(end, 'init', this.#memoryMb));
  }

  /** The failure of a worker that was never ready. The cause may be a problem with the machine. */
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
   * Settles the attempt that the worker had when it ended. `false`: the attempt has not begun, and
   * may go to another worker.
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

  /** Settles the attempt of a worker that had been ready and was not killed because of it. */
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
