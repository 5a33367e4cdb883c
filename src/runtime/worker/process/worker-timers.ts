import type { Clock } from '../../platform/clock.ts';

/** The timers of one worker: one limits what the worker does now, the other limits its exit. */
export class WorkerTimers {
  readonly #clock: Clock;
  #cancelPhase: (() => void) | undefined;
  #cancelGrace: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Limits the current phase of the worker: its start, the acceptance of an event, or the run of an
   * event. A worker is in one phase at a time, so a new limit replaces the previous one.
   */
  limitPhase(limitMs: number, onExpired: () => void): void {
    this.#cancelPhase?.();
    this.#cancelPhase = this.#clock.after(limitMs, onExpired);
  }

  /** Cancels the limit of a phase that ended in time. */
  endPhase(): void {
    this.#cancelPhase?.();
  }

  /** Limits the exit of a worker that should exit by itself. Only the first call starts the timer. */
  limitExit(graceMs: number, onExpired: () => void): void {
    this.#cancelGrace ??= this.#clock.after(graceMs, onExpired);
  }

  /** Cancels both timers. */
  cancel(): void {
    this.#cancelPhase?.();
    this.#cancelGrace?.();
  }
}
