import type { FailureReason } from '../queue/invocation.ts';
import { Exposition, type Counter, type Labels } from './exposition.ts';

/** The range is from a warm sync call to the longest background run. */
const durationBucketsSeconds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900,
];
/** The range is from the wait in an idle queue to 6 hours, the maximum age of an event. */
const waitBucketsSeconds = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 3600, 21_600];

/**
 * How an attempt ended that neither succeeded nor failed: it was cancelled or taken over by another
 * runtime (`cancelled`), it was put back into the queue (`released`), or its outcome could not be
 * stored (`unrecorded`).
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
 * The counters of the runtime since its start. Counters only grow; the numbers of queued and
 * running invocations are read from the store when they are requested.
 */
export interface Metrics {
  /**
   * Shows the counters of a served function with the value 0, so that an alert sees the first
   * increment.
   */
  serves(functionName: string, hasDestinations: boolean): void;
  /**
   * A background call was stored. `duplicate`: its idempotency key was known already, and nothing
   * was stored.
   */
  accepted(functionName: string, duplicate: boolean): void;
  /** A background call could not be stored (503). */
  acceptFailed(functionName: string): void;
  /** The first attempt of an invocation began `waitMs` after its accept. */
  begun(functionName: string, waitMs: number): void;
  succeeded(functionName: string, durationMs: number): void;
  /** `isLast`: the invocation has failed with this attempt; otherwise a retry follows. */
  failed(functionName: string, reason: FailureReason, durationMs: number, isLast: boolean): void;
  /** A runtime found an attempt of another runtime that had ended during the attempt. */
  lost(functionName: string, isLast: boolean): void;
  interrupted(functionName: string, how: Interruption): void;
  /**
   * An attempt to deliver the outcome of an invocation to a destination of `functionName` has
   * ended.
   */
  delivered(functionName: string, outcome: 'succeeded' | 'retried' | 'failed'): void;
  /** A sync call was answered. */
  sync(functionName: string, status: number, durationMs: number): void;
  /** A request was answered without reaching a function. */
  refused(status: number): void;
  /** Returns the sums over all functions since the start. */
  totals(): Totals;
  /** Returns all metrics in the Prometheus text format 0.0.4. */
  render(): string;
}

export interface Totals {
  readonly accepted: number;
  /** Attempts. */
  readonly succeeded: number;
  readonly failed: number;
}

export function createMetrics(): Metrics {
  const exposition = new Exposition();
  const families = declareFamilies(exposition);
  return {
    serves: (name, hasDestinations) => beginAtZero(families, name, hasDestinations),
    ...callCounters(families),
    ...attemptCounters(families),
    delivered: (name, outcome) => families.deliveries.increment({ function: name, outcome }),
    totals: () => totalsOf(families),
    render: () => exposition.render(),
  };
}

type Families = ReturnType<typeof declareFamilies>;

/** Declares all metrics with their names and help texts, in the order in which they are shown. */
function declareFamilies(exposition: Exposition) {
  const counter = (name: string, help: string): Counter => exposition.counter(name, help);
  return {
    accepted: counter(
      'bgfn_invocations_accepted_total',
      'Background calls that became an invocation.',
    ),
    duplicates: counter(
      'bgfn_duplicate_calls_total',
      'Background calls whose idempotency key was known already.',
    ),
    acceptFailures: counter(
      'bgfn_accept_failures_total',
      'Background calls answered with 503 because the store could not write.',
    ),
    attempts: counter('bgfn_attempts_total', 'Attempts of invocations that ended.'),
    failures: counter(
      'bgfn_attempt_failures_total',
      'Attempts of invocations that failed, by reason.',
    ),
    retries: counter('bgfn_retries_total', 'Failed attempts after which another one was queued.'),
    ended: counter(
      'bgfn_invocations_ended_total',
      'Invocations that succeeded, or failed for good.',
    ),
    attemptSeconds: exposition.histogram(
      'bgfn_attempt_duration_seconds',
      'How long attempts of invocations ran.',
      durationBucketsSeconds,
    ),
    waitSeconds: exposition.histogram(
      'bgfn_queue_wait_seconds',
      'From the accept of an invocation to the start of its first attempt.',
      waitBucketsSeconds,
    ),
    deliveries: counter(
      'bgfn_destination_attempts_total',
      'Attempts to deliver an outcome to a destination.',
    ),
    syncCalls: counter('bgfn_sync_requests_total', 'Sync calls answered.'),
    syncSeconds: exposition.histogram(
      'bgfn_sync_duration_seconds',
      'From the request of a sync call to the end of its response.',
      durationBucketsSeconds,
    ),
    refused: counter('bgfn_http_refused_total', 'Requests that reached no function.'),
  };
}

/**
 * Shows every series of a function with the value 0. Prometheus sees no increase in a series that
 * begins with 1.
 */
function beginAtZero(families: Families, name: string, hasDestinations: boolean): void {
  const { accepted, duplicates, acceptFailures, retries } = families;
  for (const counter of [accepted, duplicates, acceptFailures, retries]) {
    counter.begin({ function: name });
  }
  for (const outcome of attemptOutcomes) families.attempts.begin({ function: name, outcome });
  for (const reason of failureReasons) families.failures.begin({ function: name, reason });
  for (const state of ['succeeded', 'failed']) families.ended.begin({ function: name, state });
  if (!hasDestinations) return;
  for (const outcome of deliveryOutcomes) families.deliveries.begin({ function: name, outcome });
}

function callCounters({
  accepted,
  duplicates,
  acceptFailures,
  syncCalls,
  syncSeconds,
  refused,
}: Families): Pick<Metrics, 'accepted' | 'acceptFailed' | 'sync' | 'refused'> {
  // One label record for each function, so that the exposition caches the text of the labels.
  const labelsByFunction = new Map<string, Labels>();
  return {
    accepted(name, duplicate) {
      const labels = labelsByFunction.get(name) ?? { function: name };
      labelsByFunction.set(name, labels);
      (duplicate ? duplicates : accepted).increment(labels);
    },
    acceptFailed: (name) => acceptFailures.increment({ function: name }),
    sync(name, status, durationMs) {
      syncCalls.increment({ function: name, status: String(status) });
      syncSeconds.observe({ function: name }, durationMs / 1000);
    },
    refused: (status) => refused.increment({ status: String(status) }),
  };
}

function attemptCounters({
  attempts,
  failures,
  retries,
  ended,
  attemptSeconds,
  waitSeconds,
}: Families): Pick<Metrics, 'begun' | 'succeeded' | 'failed' | 'lost' | 'interrupted'> {
  const retriedOrEnded = (name: string, isLast: boolean): void => {
    if (isLast) ended.increment({ function: name, state: 'failed' });
    else retries.increment({ function: name });
  };
  return {
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
  };
}

function totalsOf({ accepted, attempts }: Families): Totals {
  return {
    accepted: accepted.sum(),
    succeeded: attempts.sum({ outcome: 'succeeded' }),
    failed: attempts.sum({ outcome: 'failed' }) + attempts.sum({ outcome: 'lost' }),
  };
}
