import type { Clock } from '../../../src/runtime/platform/clock.ts';

/** Time that stands still until the test moves it. */
export class ManualClock implements Clock {
  #wallMs: number;
  #monotonicMs = 0;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  readonly #watchers: (() => void)[] = [];

  constructor(wallMs = 1_700_000_000_000) {
    this.#wallMs = wallMs;
  }

  nowMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#monotonicMs + delayMs, callback };
    this.#timers.push(timer);
    for (const notify of this.#watchers.splice(0)) notify();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and fires the timers that fell due, in order. */
  advance(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
    const due = this.#timers
      .filter(({ atMs }) => atMs <= this.#monotonicMs)
      .toSorted((a, b) => a.atMs - b.atMs);
    this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#monotonicMs);
    for (const { callback } of due) {
      callback();
    }
  }

  /** Resolves when the next timer is set. */
  nextTimer(): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.push(resolve);
    });
  }

  /** Sets the wall clock ahead or back; the monotonic time goes on. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }
}
