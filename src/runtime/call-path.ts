import type { RequestListener } from 'node:http';
import { createBackgroundCalls, type BackgroundCalls } from './calls/background-calls.ts';
import { createGroupCommit } from './calls/group-commit.ts';
import { createDelivery } from './dispatch/destination.ts';
import { createDispatcher, type Dispatcher } from './dispatch/dispatcher.ts';
import { describeOwner } from './dispatch/owner.ts';
import { createBackgroundAnswerer } from './http/background-answer.ts';
import { createByteBudget } from './http/byte-budget.ts';
import type { CallerPolicy } from './http/exchange.ts';
import { createLimiter } from './http/limiter.ts';
import { createRequestHandler } from './http/request-handler.ts';
import { isLoopback } from './http/server/host-names.ts';
import { createSyncAnswerer } from './http/sync-answer.ts';
import { narrate } from './narrate/narrate.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { defaultHost, type RuntimeOptions } from './options.ts';
import { createIdGenerator } from './queue/invocation-id.ts';
import type { Resources } from './resources.ts';
import type { RuntimeState } from './runtime-state.ts';

/**
 * What the bodies of all requests may take while they are received or wait for their function, and
 * again what all answers may take while their callers read them.
 */
const bodyBudgetBytes = 256 * 1024 * 1024;

/** How a call gets from the network to its function: at once, or through the queue. */
export interface CallPath {
  /** Answers requests to the functions' port. */
  readonly handler: RequestListener;
  /** Puts calls into the queue. */
  readonly background: BackgroundCalls;
  /** Runs what is in the queue. */
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  /** Resolves when no sync call runs; its work after the answer counts as running. */
  readonly syncCallsEnded: () => Promise<void>;
  /** Stops the sync calls that still run. */
  readonly cutOffSyncCalls: () => void;
}

/** Makes the call path and connects its ends. Nothing runs yet. */
export function createCallPath(
  options: RuntimeOptions,
  state: Readonly<RuntimeState>,
  resources: Resources,
): CallPath {
  const { clock, store, logs, tracing } = resources;
  const now = (): number => clock.nowMs();
  const metrics = createMetrics();
  const nextId = createIdGenerator();
  const dispatcher = dispatcherOf(options, state, resources, metrics);
  const background = createBackgroundCalls({
    commit: createGroupCommit(store, now, (functionNames) => dispatcher.wake(functionNames)),
    nextId,
    now,
    metrics,
    tracing,
    retryDelaysSeconds: options.retryDelaysSeconds,
  });
  const limiter = createLimiter({
    running: options.syncConcurrency ?? 8,
    waiting: options.syncQueue ?? 1000,
  });
  const cutOff = new AbortController();
  const handler = createRequestHandler({
    deployed: () => state.deployment,
    callers: callerPolicyOf(options),
    bodies: createByteBudget(bodyBudgetBytes),
    answerInBackground: createBackgroundAnswerer({ background, metrics, logs }),
    answerSync: createSyncAnswerer({
      ...resources,
      limiter,
      unreadAnswers: createByteBudget(bodyBudgetBytes),
      metrics,
      nextId,
      now,
      signal: cutOff.signal,
    }),
    metrics,
    logs,
    now,
  });
  return {
    handler,
    background,
    dispatcher,
    metrics,
    syncCallsEnded: () => limiter.empty(),
    cutOffSyncCalls: () => cutOff.abort(),
  };
}

function dispatcherOf(
  options: RuntimeOptions,
  state: Readonly<RuntimeState>,
  { clock, store, logs, pool, tracing }: Resources,
  metrics: Metrics,
): Dispatcher {
  const { concurrency = 16, webhookSecret, retryDelaysSeconds } = options;
  const deliver = createDelivery({ secret: webhookSecret });
  return createDispatcher({
    store,
    owner: describeOwner(clock.nowMs()),
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
    retryDelaysSeconds,
  });
}

function callerPolicyOf({ host = defaultHost, trustProxy = false }: RuntimeOptions): CallerPolicy {
  return {
    // A proxy in front of a loopback address speaks for the whole network.
    trustLoopback: isLoopback(host) && !trustProxy,
    trustProxy,
    fallbackHost: host,
  };
}
