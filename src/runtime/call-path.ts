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
 * Memory for request bodies that are being received or wait for their function. Responses that
 * their callers have not read yet have a second budget of this size.
 */
const bodyBudgetBytes = 256 * 1024 * 1024;
/** Bounds the processes of background functions, and so their memory. */
const defaultConcurrency = 16;
/** Bounds the processes of one sync function. The limiter bounds the processes of all together. */
const defaultSyncConcurrency = 8;
/** Waiting calls have no process; the body budget bounds their memory. */
const defaultSyncQueue = 1000;

/** The way of a call from the network to its function: at once, or through the queue. */
export interface CallPath {
  /** Answers requests to the functions' port. */
  readonly handler: RequestListener;
  /** Puts calls into the queue. */
  readonly background: BackgroundCalls;
  /** Runs the invocations in the queue. */
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  /** Resolves when no sync call runs. The work of a function after its response counts as running. */
  readonly syncCallsEnded: () => Promise<void>;
  /** Aborts the sync calls that still run. */
  readonly cutOffSyncCalls: () => void;
}

/** Creates the parts of the call path and connects them. Nothing runs yet. */
export function createCallPath(
  options: RuntimeOptions,
  state: Readonly<RuntimeState>,
  resources: Resources,
): CallPath {
  const { clock, store, logs, tracing } = resources;
  const now = (): number => clock.nowMs();
  const metrics = createMetrics();
  const nextId = createIdGenerator();
  const dispatcher = createRuntimeDispatcher(options, state, resources, metrics);
  const background = createBackgroundCalls({
    commit: createGroupCommit({
      store,
      now,
      onStored: (functionNames) => dispatcher.wake(functionNames),
      onInternalError: (error) => narrate({ kind: 'internal-error', error }, logs, metrics),
    }),
    nextId,
    now,
    metrics,
    tracing,
    retryDelaysSeconds: options.retryDelaysSeconds,
  });
  const limiter = createLimiter({
    running: options.syncConcurrency ?? defaultSyncConcurrency,
    waiting: options.syncQueue ?? defaultSyncQueue,
  });
  const cutOff = new AbortController();
  const handler = createRequestHandler({
    deployment: () => state.deployment,
    callerPolicy: callerPolicyOf(options),
    bodyBudget: createByteBudget(bodyBudgetBytes),
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

function createRuntimeDispatcher(
  options: RuntimeOptions,
  state: Readonly<RuntimeState>,
  { clock, store, logs, pool, tracing }: Resources,
  metrics: Metrics,
): Dispatcher {
  const { concurrency = defaultConcurrency, webhookSecret, retryDelaysSeconds } = options;
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
    // Behind a proxy on this machine every request comes from loopback, whoever the caller is.
    trustLoopback: isLoopback(host) && !trustProxy,
    trustProxy,
    fallbackHost: host,
  };
}
