import type { FailureReason } from '../queue/invocation.ts';
import { Exposition, type Labels } from './exposition.ts';

/** From a warm sync call to a whole background run. */
const durationBucketsSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900,
];
/** From "at once" to what is left of the 6 hours an event may age. */
const waitBucketsSeconds = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 3600, 21_600];

/**
 * An attempt that ended without an outcome and without being counted: `cancelled` or taken over,
 * put back (`released`), or `unrecorded`.
 */
export type Interruption = 'cancelled' | 'released' | 'unrecorded';

const attemptOutcomes = ['succeeded', 'failed', 'lost', 'cancelled', 'released', 'unrecorded'];
const failureReasons: readonly Exclude<FailureReason, 'lost'>[] = [
  'error',
  'timeout',
  'crash',
  'out-of-memory',
  'init',
];
const deliveryOutcomes = ['succeeded', 'retried', 'failed'];

/**
 * What the runtime counts since it started. Counters only grow; what is queued or running now is
 * read from the store when asked.
 */
export interface Metrics {
  /**
   * A function is served, and any may be queued: what is counted of its invocations begins with 0,
   * so that an alert sees the first.
   */
  serves(functionName: string, hasDestinations: boolean): void;
  /** A background call was stored; `duplicate` when its idempotency key was known. */
  accepted(functionName: string, duplicate: boolean): void;
  /** A background call could not be stored (503). */
  acceptFailed(functionName: string): void;
  /** The first attempt of an invocation began `waitMs` after its accept. */
  begun(functionName: string, waitMs: number): void;
  succeeded(functionName: string, durationMs: number): void;
  /** `isLast`: the invocation has failed with it; otherwise a retry is due. */
  failed(functionName: string, reason: FailureReason, durationMs: number, isLast: boolean): void;
  /** An attempt whose runtime died was found by the next one. */
  lost(functionName: string, isLast: boolean): void;
  interrupted(functionName: string, how: Interruption): void;
  /** An attempt to tell a destination of `functionName` how an invocation ended. */
  delivered(functionName: string, outcome: 'succeeded' | 'retried' | 'failed'): void;
  /** A sync call was answered. */
  sync(functionName: string, status: number, durationMs: number): void;
  /** An HTTP answer that reached no function. */
  refused(status: number): void;
  /** Of all functions, since the start. */
  totals(): Totals;
  /** Prometheus text format 0.0.4. */
  render(): string;
}

export interface Totals {
  readonly accepted: number;
  /** Attempts. */
  readonly succeeded: number;
  readonly failed: number;
}

export function createMetrics(): Metrics {
  const all = new Exposition();
  const accepted = all.counter(
    'bgfn_invocations_accepted_total',
    'Background calls that became an invocation.',
  );
  const duplicates = all.counter(
    'bgfn_duplicate_calls_total',
    'Background calls whose idempotency key was known already.',
  );
  const acceptFailures = all.counter(
    'bgfn_accept_failures_total',
    'Background calls answered with 503 because the store could not write.',
  );
  const attempts = all.counter('bgfn_attempts_total', 'Attempts of invocations that ended.');
  const failures = all.counter(
    'bgfn_attempt_failures_total',
    'Attempts of invocations that failed, by reason.',
  );
  const retries = all.counter(
    'bgfn_retries_total',
    'Failed attempts after which another one was queued.',
  );
  const ended = all.counter(
    'bgfn_invocations_ended_total',
    'Invocations that succeeded, or failed for good.',
  );
  const attemptSeconds = all.histogram(
    'bgfn_attempt_duration_seconds',
    'How long attempts of invocations ran.',
    durationBucketsSeconds,
  );
  const waitSeconds = all.histogram(
    'bgfn_queue_wait_seconds',
    'From the accept of an invocation to the start of its first attempt.',
    waitBucketsSeconds,
  );
  const deliveries = all.counter(
    'bgfn_destination_attempts_total',
    'Attempts to deliver an outcome to a destination.',
  );
  const syncCalls = all.counter('bgfn_sync_requests_total', 'Sync calls answered.');
  const syncSeconds = all.histogram(
    'bgfn_sync_duration_seconds',
    'From the request of a sync call to the end of its response.',
    durationBucketsSeconds,
  );
  const refused = all.counter('bgfn_http_refused_total', 'Requests that reached no function.');

  const labelsOfAccepted = new Map<string, Labels>();
  const retriedOrEnded = (name: string, isLast: boolean): void => {
    if (isLast) ended.increment({ function: name, state: 'failed' });
    else retries.increment({ function: name });
  };
  return {
    serves(name, hasDestinations) {
      for (const counter of [accepted, duplicates, acceptFailures, retries]) {
        counter.begin({ function: name });
      }
      for (const outcome of attemptOutcomes) attempts.begin({ function: name, outcome });
      for (const reason of failureReasons) failures.begin({ function: name, reason });
      for (const state of ['succeeded', 'failed']) ended.begin({ function: name, state });
      if (hasDestinations) {
        for (const outcome of deliveryOutcomes) deliveries.begin({ function: name, outcome });
      }
    },
    accepted(name, duplicate) {
      const labels = labelsOfAccepted.get(name) ?? { function: name };
      labelsOfAccepted.set(name, labels);
      (duplicate ? duplicates : accepted).increment(labels);
    },
    acceptFailed: (name) => acceptFailures.increment({ function: name }),
    begun: (name, waitMs) => waitSeconds.observe({ function: name }, waitMs / 1000),
    succeeded(name, durationMs) {
      attempts.increment({ function: name, outcome: 'succeeded' });
      ended.increment({ function: name, state: 'succeeded' });
      attemptSeconds.observe({ function: name }, durationMs / 1000);
    },
    failed(name, reason, durationMs, isLast) {
      attempts.increment({ function: name, outcome: 'failed' });
      failures.increment({ function: name, reason });
      attemptSeconds.observe({ function: name }, durationMs / 1000);
      retriedOrEnded(name, isLast);
    },
    lost(name, isLast) {
      attempts.increment({ function: name, outcome: 'lost' });
      retriedOrEnded(name, isLast);
    },
    interrupted: (name, how) => attempts.increment({ function: name, outcome: how }),
    delivered: (name, outcome) => deliveries.increment({ function: name, outcome }),
    sync(name, status, durationMs) {
      syncCalls.increment({ function: name, status: String(status) });
      syncSeconds.observe({ function: name }, durationMs / 1000);
    },
    refused: (status) => refused.increment({ status: String(status) }),
    totals: () => ({
      accepted: accepted.sum(),
      succeeded: attempts.sum({ outcome: 'succeeded' }),
      failed: attempts.sum({ outcome: 'failed' }) + attempts.sum({ outcome: 'lost' }),
    }),
    render: () => all.render(),
  };
}
