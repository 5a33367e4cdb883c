import type { AttemptError, Invocation } from '../queue/invocation.ts';
import type { fail, RunningInvocation } from '../queue/transitions.ts';
import type { RunResponse } from '../worker/worker.ts';

/**
 * What the dispatcher did or met; metrics, logs and destinations are made of these. The ends of a
 * run are told once they are durable.
 */
export type DispatcherEvent =
  /** A worker has taken the event. */
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
      readonly next: ReturnType<typeof fail>;
    }
  /** Cut off by a shutdown and back in the queue. */
  | { readonly kind: 'released'; readonly invocation: RunningInvocation }
  /** Cancelled, or rescued by another process: its run was stopped, its outcome is of no account. */
  | { readonly kind: 'lease-lost'; readonly invocation: RunningInvocation }
  /** Its outcome could not be recorded before the shutdown; the next process will rescue it. */
  | { readonly kind: 'unrecorded'; readonly invocation: RunningInvocation }
  /** A dead runtime's run was failed. `invocation` is what it became. */
  | { readonly kind: 'rescued'; readonly invocation: Invocation }
  /** Told once when the store goes away and once when it is back. */
  | { readonly kind: 'store-unavailable'; readonly message: string }
  | { readonly kind: 'store-recovered' }
  /**
   * Invocations wait for a function that is not in the manifest. Told once, until the function is
   * back.
   */
  | { readonly kind: 'function-missing'; readonly functionName: string; readonly queued: number }
  /** A function that keeps crashing is held back. */
  | {
      readonly kind: 'held-back';
      readonly functionName: string;
      readonly crashes: number;
      readonly untilMs: number;
    }
  /** A bug of ours: the dispatcher goes on. */
  | { readonly kind: 'internal-error'; readonly error: unknown };

export type DispatcherEventListener = (event: DispatcherEvent) => void;
