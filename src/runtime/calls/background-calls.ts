import { type RetryPolicy, defaultRetry } from '../../manifest/schema.ts';
import type { LoadedFunction } from '../load/load-functions.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { CallDestinations } from '../queue/invocation.ts';
import type { Accepted } from '../queue/store.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { CallSource, IncomingCall } from './call.ts';
import { urlOfCall } from './event.ts';
import type { GroupCommit } from './group-commit.ts';
import { encodeCall } from './stored-call.ts';

/** Turns calls into invocations of the queue, in the same way for HTTP, schedules and operators. */
export interface BackgroundCalls {
  /** Resolves once the invocation is durable. Rejects with `StoreUnavailableError`. */
  enqueue(fn: LoadedFunction, call: IncomingCall, options?: EnqueueOptions): Promise<Accepted>;
}

export interface EnqueueOptions {
  /** Default: a call from outside. */
  readonly source?: CallSource | undefined;
  /** Calls of one function with the same key become one invocation. */
  readonly idempotencyKey?: string | undefined;
}

export interface BackgroundCallsOptions {
  readonly commit: GroupCommit;
  readonly nextId: (nowMs: number) => string;
  readonly now: () => number;
  readonly metrics: Pick<Metrics, 'accepted'>;
  readonly tracing: Pick<Tracing, 'startCall'>;
  /** Replaces every function's delays; for development only (see `retryPolicyOf`). */
  readonly retryDelaysSeconds?: readonly number[] | undefined;
}

/** A scheduled run of a sync function has one attempt, as on Netlify: the next run comes anyway. */
const scheduledRetry: RetryPolicy = { maxAttempts: 1, delaysSeconds: [], maxEventAgeSeconds: 3600 };

export function createBackgroundCalls(options: BackgroundCallsOptions): BackgroundCalls {
  // One object per function: the store recognizes equal policies by identity.
  const policies = new WeakMap<LoadedFunction, RetryPolicy>();
  const policyOf = (fn: LoadedFunction): RetryPolicy => {
    const policy = policies.get(fn) ?? retryPolicyOf(fn, options.retryDelaysSeconds);
    policies.set(fn, policy);
    return policy;
  };
  return {
    async enqueue(fn, call, { source, idempotencyKey } = {}) {
      const invocationId = options.nextId(options.now());
      const span = options.tracing.startCall({
        functionName: fn.name,
        invocationId,
        mode: 'background',
        method: call.method,
        path: call.path,
        rawHeaders: call.rawHeaders,
      });
      try {
        const accepted = await options.commit.add({
          kind: 'call',
          id: invocationId,
          functionName: fn.name,
          payload: encodeCall({ ...source, call, trace: span.headers }),
          retry: policyOf(fn),
          idempotencyKey,
          destinations: destinationsOf(fn, call, span.headers.traceparent),
        });
        options.metrics.accepted(fn.name, accepted.duplicate);
        span.end({ status: 202 });
        return accepted;
      } catch (error) {
        span.end({ error });
        throw error;
      }
    },
  };
}

function destinationsOf(
  { manifest: { destinations } }: LoadedFunction,
  call: IncomingCall,
  traceparent: string,
): CallDestinations | undefined {
  if (destinations === undefined) return undefined;
  return {
    onSuccess: destinations.onSuccess,
    onFailure: destinations.onFailure,
    request: { method: call.method, url: urlOfCall(call), traceparent },
  };
}

/**
 * The retry policy that is stored with the invocation, so that a later deployment does not change
 * the promise of the 202.
 *
 * `retryDelaysSeconds` of the runtime is stored too, so that the admin API shows the delays that
 * apply. The dispatcher also passes it to the store at every failure and rescue, for the
 * invocations whose stored policy does not contain it: calls accepted before the flag was given,
 * queued calls of sync functions, and deliveries.
 */
function retryPolicyOf(
  { mode, manifest }: LoadedFunction,
  replacedDelays: readonly number[] | undefined,
): RetryPolicy {
  if (mode === 'sync') return manifest.retry ?? scheduledRetry;
  const { maxAttempts, delaysSeconds, maxEventAgeSeconds } = manifest.retry ?? defaultRetry;
  return { maxAttempts, delaysSeconds: [...(replacedDelays ?? delaysSeconds)], maxEventAgeSeconds };
}
