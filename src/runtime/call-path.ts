import type { RequestListener } from 'node:http';
import { createBackgroundCalls, type BackgroundCalls } from './calls/background-calls.ts';
import { createGroupCommit } from './calls/group-commit.ts';
import type { Deployment } from './deployment.ts';
import { createDelivery } from './dispatch/destination.ts';
import { createDispatcher, type Dispatcher } from './dispatch/dispatcher.ts';
import { describeOwner } from './dispatch/owner.ts';
import { createBackgroundAnswerer } from './http/background-answer.ts';
import { createByteBudget } from './http/byte-budget.ts';
import { createLimiter } from './http/limiter.ts';
import { createRequestHandler } from './http/request-handler.ts';
import { isLoopback } from './http/server/host-names.ts';
import { createSyncAnswerer } from './http/sync-answer.ts';
import type { LoadedFunction } from './load/load-functions.ts';
import { narrate } from './narrate/narrate.ts';
import type { LogSink } from './observe/log-sink.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import type { RuntimeOptions } from './options.ts';
import type { Clock } from './platform/clock.ts';
import { createIdGenerator } from './queue/invocation-id.ts';
import type { Store } from './queue/store.ts';
import type { Tracing } from './tracing/tracing.ts';
import type { WorkerPool } from './worker/worker.ts';

/**
 * Of all requests being read or waiting for their function, and again of all answers being read by
 * their callers.
 */
const bodyBudgetBytes = 256 * 1024 * 1024;

/** What changes while a runtime runs. */
export interface RuntimeState {
  /** `undefined` until the functions are loaded. */
  deployment: Deployment | undefined;
  closing: boolean;
}

/** The functions deployed now. */
export function functionsOf({ deployment }: Readonly<RuntimeState>): readonly LoadedFunction[] {
  return [...(deployment?.functions.values() ?? [])];
}

export interface Parts {
  readonly dispatcher: Dispatcher;
  readonly background: BackgroundCalls;
  readonly metrics: Metrics;
  readonly handler: RequestListener;
  /** Resolves when no sync call runs, what goes on after an answer included. */
  readonly syncCallsEnded: () => Promise<void>;
}

export interface Surroundings {
  readonly clock: Clock;
  readonly store: Store;
  readonly logs: LogSink;
  readonly pool: WorkerPool;
  readonly tracing: Tracing;
  /** Its abort cuts off the sync calls under way. */
  readonly cutOff: AbortSignal;
}

/** Connects the parts; nothing runs yet. */
export function assemble(
  options: RuntimeOptions,
  state: Readonly<RuntimeState>,
  { clock, store, logs, pool, tracing, cutOff }: Surroundings,
): Parts {
  const now = (): number => clock.nowMs();
  const metrics = createMetrics();
  const nextId = createIdGenerator();
  const retryDelays =
    options.retryDelaysSeconds === undefined
      ? {}
      : { retryDelaysSeconds: options.retryDelaysSeconds };
  const deliver = createDelivery(
    options.webhookSecret === undefined ? {} : { secret: options.webhookSecret },
  );
  const concurrency = options.concurrency ?? 16;
  const dispatcher = createDispatcher({
    store,
    owner: describeOwner(now()),
    clock,
    concurrency,
    perFunctionConcurrency:
      options.perFunctionConcurrency ?? Math.max(1, Math.floor(concurrency / 2)),
    functions: () => state.deployment?.dispatchable ?? new Map(),
    run: (fn, request) =>
      fn.kind === 'delivery' ? deliver(request) : pool.run(fn.runnable, request),
    logs,
    site: () => state.deployment?.siteHeaders ?? [],
    tracing,
    onEvent: (event) => narrate(event, logs, metrics),
    ...retryDelays,
  });
  const background = createBackgroundCalls({
    commit: createGroupCommit(store, now, (functionNames) => dispatcher.wake(functionNames)),
    nextId,
    now,
    metrics,
    tracing,
    ...retryDelays,
  });
  const host = options.host ?? '127.0.0.1';
  const limiter = createLimiter({
    running: options.syncConcurrency ?? 8,
    waiting: options.syncQueue ?? 1000,
  });
  const handler = createRequestHandler({
    deployed: () => state.deployment,
    callers: {
      // A proxy in front of a loopback address speaks for the whole network.
      trustLoopback: isLoopback(host) && options.trustProxy !== true,
      trustProxy: options.trustProxy ?? false,
      fallbackHost: host,
    },
    bodies: createByteBudget(bodyBudgetBytes),
    answerInBackground: createBackgroundAnswerer({ background, metrics, logs }),
    answerSync: createSyncAnswerer({
      pool,
      limiter,
      unreadAnswers: createByteBudget(bodyBudgetBytes),
      tracing,
      metrics,
      logs,
      nextId,
      now,
      signal: cutOff,
    }),
    metrics,
    logs,
    now,
  });
  return { dispatcher, background, metrics, handler, syncCallsEnded: () => limiter.empty() };
}
