import type { AttemptError, Invocation, RunningInvocation } from '../queue/invocation.ts';
import type * as transitions from '../queue/transitions.ts';
import type { RunResponse } from '../worker/worker.ts';

/** What the dispatcher did or found: the source of logs and metrics. */
export type DispatcherEvent = AttemptEvent | ConditionEvent;

/** Something happened to an attempt. The end of an attempt is reported once it is durable. */
export type AttemptEvent =
  /** A worker has received the event. */
  | { readonly kind: 'started'; readonly invocation: RunningInvocation; readonly atMs: number }
  | {
      readonly kind: 'succeeded';
      readonly invocation: RunningInvocation;
      readonly durationMs: number;
      readonly response: RunResponse;
    }
  | {
      readonly kind: 'failed';
      readonly invocation: RunningInvocation;
      readonly durationMs: number;
      readonly error: AttemptError;
      /** What the invocation became: queued for its next attempt, or failed. */
      readonly next: ReturnType<typeof transitions.fail>;
    }
  /** A shutdown cut the attempt off; the invocation is back in the queue. */
  | { readonly kind: 'released'; readonly invocation: RunningInvocation }
  /**
   * The invocation was cancelled, or rescued by another process: the run was stopped and its
   * outcome is dropped.
   */
  | { readonly kind: 'lease-lost'; readonly invocation: RunningInvocation }
  /** The outcome could not be recorded before the shutdown; the next process will rescue the run. */
  | { readonly kind: 'unrecorded'; readonly invocation: RunningInvocation }
  /**
   * The attempt ran in a process that died, and counts as failed. `invocation` is the state after
   * that.
   */
  | { readonly kind: 'rescued'; readonly invocation: Invocation };

/** The state of the store, of a function or of the dispatcher changed. */
export type ConditionEvent =
  /** Reported once when the store becomes unavailable, and once when it answers again. */
  | { readonly kind: 'store-unavailable'; readonly message: string }
  | { readonly kind: 'store-recovered' }
  /**
   * Invocations wait for a function that is not in the manifest. Reported once, until the function
   * is back.
   */
  | { readonly kind: 'function-missing'; readonly functionName: string; readonly queued: number }
  /** A function that keeps crashing is held back. */
  | {
      readonly kind: 'held-back';
      readonly functionName: string;
      readonly crashes: number;
      readonly untilMs: number;
    }
  /** A bug in the runtime, which goes on. */
  | { readonly kind: 'internal-error'; readonly error: unknown };

export type DispatcherEventListener = (event: DispatcherEvent) => void;
