import { type RetryPolicy, defaultRetry } from '../../manifest/schema.ts';
import type { LoadedFunction } from '../load/load-functions.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Destinations } from '../queue/invocation.ts';
import type { Accepted } from '../queue/store.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { CallOrigin, IncomingCall } from './event.ts';
import type { Acceptor } from './group-commit.ts';
import { encodeCall } from './stored-call.ts';

/** How calls become durable invocations: the same way for HTTP, schedules and the admin API. */
export interface BackgroundCalls {
  /** Resolves once the invocation is durable. Rejects with `StoreUnavailableError`. */
  accept(
    fn: LoadedFunction,
    call: IncomingCall,
    from: CallOrigin,
    idempotencyKey?: string,
  ): Promise<Accepted>;
}

export interface BackgroundOptions {
  readonly acceptor: Acceptor;
  readonly nextId: (nowMs: number) => string;
  readonly now: () => number;
  readonly metrics: Metrics;
  readonly tracing: Pick<Tracing, 'accept'>;
  /** Replaces every function's delays; development only. */
  readonly retryDelaysSeconds?: readonly number[];
}

export function createBackgroundCalls(options: BackgroundOptions): BackgroundCalls {
  const policies = new WeakMap<LoadedFunction, RetryPolicy>();
  const policyOf = (fn: LoadedFunction): RetryPolicy => {
    const known = policies.get(fn) ?? retryOf(fn, options.retryDelaysSeconds);
    policies.set(fn, known);
    return known;
  };
  return {
    async accept(fn, call, from, idempotencyKey) {
      const invocationId = options.nextId(options.now());
      const span = options.tracing.accept({
        functionName: fn.name,
        invocationId,
        mode: 'background',
        method: call.method,
        path: call.path,
        rawHeaders: call.rawHeaders,
      });
      try {
        const accepted = await options.acceptor.accept({
          id: invocationId,
          functionName: fn.name,
          payload: encodeCall({ ...from, call, trace: span.headers }),
          retry: policyOf(fn),
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
          ...destinationsOf(fn, call, span.headers.traceparent),
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
  { manifest }: LoadedFunction,
  { method, origin, path, query }: IncomingCall,
  traceparent: string,
): { destinations?: Destinations } {
  if (manifest.destinations === undefined) return {};
  const url = `${origin}${path}${query === '' ? '' : `?${query}`}`;
  const { onSuccess, onFailure } = manifest.destinations;
  return {
    destinations: {
      ...(onSuccess === undefined ? {} : { onSuccess }),
      ...(onFailure === undefined ? {} : { onFailure }),
      request: { method, url, traceparent },
    },
  };
}

/** A scheduled run of a sync function: tried once, as on Netlify; the next run comes anyway. */
const scheduledRetry: RetryPolicy = { maxAttempts: 1, delaysSeconds: [], maxEventAgeSeconds: 3600 };

/** The policy is kept with the invocation: a later deploy does not change what was promised. */
function retryOf(fn: LoadedFunction, delaysSeconds: readonly number[] | undefined): RetryPolicy {
  if (fn.mode === 'sync') return fn.manifest.retry ?? scheduledRetry;
  const { maxAttempts, delaysSeconds: own, maxEventAgeSeconds } = fn.manifest.retry ?? defaultRetry;
  return { maxAttempts, delaysSeconds: [...(delaysSeconds ?? own)], maxEventAgeSeconds };
}
