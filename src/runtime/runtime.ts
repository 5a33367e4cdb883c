import path from 'node:path';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import type { LogStore, NewLogLine } from '../log/log-store.ts';
import { openLogStore } from '../log/sqlite-log-store.ts';
import { openSqliteStore } from '../queue/sqlite/open-sqlite-store.ts';
import type { Store } from '../queue/store.ts';
import { createWorkerPool } from '../worker/pool.ts';
import type { WorkerPool } from '../worker/worker.ts';
import { createAcceptor } from './accept.ts';
import { createAdminServer } from './admin/admin-server.ts';
import { createBackgroundCalls } from './background.ts';
import type { BackgroundCalls } from './background.ts';
import { systemClock } from './clock.ts';
import { deploy, describeFunction } from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { createDispatcher } from './dispatcher.ts';
import type { Dispatcher } from './dispatcher.ts';
import { createCleanup } from './cleanup.ts';
import type { Cleanup } from './cleanup.ts';
import { functionEnvironment, readEnvFiles } from './environment.ts';
import type { FunctionEnvironment } from './environment.ts';
import { drainServer } from './http-drain.ts';
import { createHttpServer, defaultHttpLimits, isLoopback, listen, urlOf } from './http-server.ts';
import { createIdGenerator } from './invocation-id.ts';
import { createLimiter } from './limiter.ts';
import { createLogSink } from './log-sink.ts';
import type { LogSink } from './log-sink.ts';
import { createMetrics } from './metrics.ts';
import { narrate } from './narrate.ts';
import { createOperatorCalls } from './operator-calls.ts';
import type { Runtime, RuntimeOptions } from './options.ts';
import { describeOwner } from './owner.ts';
import { createRequestHandler } from './request-handler.ts';
import { createScheduler } from './scheduler.ts';
import { resolveSite } from './site.ts';

const clock = systemClock;
const defaultDrainMs = 30_000;
/** What is cut off still gets this long to be put back and answered. */
const cutOffGraceMs = 2_000;
const defaultLogRetentionMs = 7 * 24 * 3_600_000;
const maxLogLines = 2_000_000;
const pruneEveryMs = 3_600_000;
const defaultAdminPort = 8889;

/**
 * Starts a runtime: opens the queue and the logs, listens, loads the functions, and begins to dispatch. Until the functions are loaded every request is
 * answered with 503.
 *
 * @throws BgfnError for what a user can fix: the manifest, an artifact, the store, a port, an env file, a missing admin token.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const adminToken = requireToken(options);
  const fileEnv = await readEnvFiles(options.envFiles ?? []);
  const storeFile = path.resolve(options.storeFile ?? path.join('.bgfn', 'queue.db'));
  const cleanup = createCleanup();
  try {
    return await start(options, { adminToken, fileEnv, storeFile, cleanup });
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

interface StartContext {
  readonly adminToken: string | undefined;
  readonly fileEnv: FunctionEnvironment;
  readonly storeFile: string;
  /** Undoes what was started, the last first. */
  readonly cleanup: Cleanup;
}

async function start(options: RuntimeOptions, { adminToken, fileEnv, storeFile, cleanup }: StartContext): Promise<Runtime> {
  const store = await openSqliteStore({ file: storeFile });
  cleanup.defer(() => store.close());
  const logStore = openLogStore({
    file: path.join(path.dirname(storeFile), 'logs.db'),
    // Not into the log store, which is the one in trouble.
    onProblem: (error) => options.onLog?.({ atMs: clock.nowMs(), functionName: 'bgfn', stream: 'platform', level: 'warn', text: `Log lines cannot be kept: ${messageOf(error)}` }),
  });
  cleanup.defer(() => logStore.close());
  const watchers = new Set<() => void>();
  const logs = createLogSink(lineWriter(logStore, watchers, options.onLog), clock.nowMs);
  const pool = createWorkerPool({
    onOutput: (fn, line) => logs.append({ ...line, functionName: fn.name, level: line.stream === 'stderr' ? 'error' : 'info' }),
    onWarning: (text) => logs.platform({ level: 'warn', text }),
  });
  cleanup.defer(() => pool.close());
  const parts = assemble(options, { store, logs, pool });
  const { state, dispatcher, cutOff } = parts;

  const host = options.host ?? '127.0.0.1';
  const server = createHttpServer(parts.handler, { ...defaultHttpLimits, ...options.httpLimits });
  const { port } = await listen(server, options.port ?? 8888, host, '--port');
  cleanup.defer(() => drainServer(server, AbortSignal.abort()));
  const url = urlOf(host, port);
  state.origin = url;
  const site = resolveSite(options.site ?? {}, url, process.env);
  const environment = functionEnvironment({
    processEnv: process.env,
    fileEnv,
    secrets: [...(options.storeFile?.includes('://') === true ? [options.storeFile] : []), ...(adminToken === undefined ? [] : [adminToken])],
    site,
    development: options.development ?? false,
  });
  const scheduler = createScheduler({ clock, background: parts.background, logs, origin: url });
  cleanup.defer(() => scheduler.stop());
  const reload = async (): Promise<void> => {
    const next = await deploy({
      artifactsDirectory: options.artifactsDirectory,
      extractDirectory: path.join(path.dirname(storeFile), 'functions'),
      environment,
      site,
    });
    state.deployment = next;
    pool.retain(new Map([...next.functions].map(([name, fn]) => [name, fn.runnable.version])));
    scheduler.use([...next.functions.values()], next.siteHeaders);
    dispatcher.wake();
  };
  await reload();

  const admin = createAdminServer({
    ...(adminToken === undefined ? {} : { token: adminToken }),
    store,
    logStore,
    logs,
    metrics: parts.metrics,
    now: clock.nowMs,
    functions: () => [...(state.deployment?.functions.values() ?? [])],
    isReady: () => isReady(state, store),
    ...createOperatorCalls({ deployment: () => state.deployment, background: parts.background, origin: url }),
    wake: dispatcher.wake.bind(dispatcher),
    onLogLine: (listener) => {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
  });
  const adminUrl = await startAdmin(admin, options);
  cleanup.defer(() => drainServer(admin, AbortSignal.abort()));

  const prune = setInterval(() => void pruneLogs(logStore, logs, options.logRetentionMs ?? defaultLogRetentionMs), pruneEveryMs).unref();
  cleanup.defer(() => clearInterval(prune));
  await dispatcher.start();

  let closing: Promise<void> | undefined;
  const close = async (drainMs: number): Promise<void> => {
    state.closing = true;
    scheduler.stop();
    const timer = setTimeout(() => cutOff.abort(), drainMs);
    const forced = new AbortController();
    const force = setTimeout(() => forced.abort(), drainMs + cutOffGraceMs);
    await Promise.all([drainServer(server, forced.signal), dispatcher.drain(drainMs)]);
    clearTimeout(timer);
    clearTimeout(force);
    // Logs that cannot be kept were reported when it began; they hold up no shutdown.
    await logStore.flush().catch(() => undefined);
    await cleanup.run();
  };
  return {
    url,
    adminUrl,
    functions: () => [...(state.deployment?.functions.values() ?? [])].map((fn) => describeFunction(fn, url)),
    reload,
    close: ({ drainTimeoutMs = defaultDrainMs } = {}) => (closing ??= close(drainTimeoutMs)),
  };
}

interface RuntimeState {
  deployment: Deployment | undefined;
  origin: string;
  closing: boolean;
}

interface Parts {
  readonly state: RuntimeState;
  readonly dispatcher: Dispatcher;
  readonly background: BackgroundCalls;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly handler: ReturnType<typeof createRequestHandler>;
  /** Aborting it cuts off the sync calls under way. */
  readonly cutOff: AbortController;
}

/** Connects the parts; nothing runs yet. */
function assemble(options: RuntimeOptions, { store, logs, pool }: { store: Store; logs: LogSink; pool: WorkerPool }): Parts {
  const state: RuntimeState = { deployment: undefined, origin: '', closing: false };
  const metrics = createMetrics();
  const nextId = createIdGenerator();
  const cutOff = new AbortController();
  const concurrency = options.concurrency ?? 16;
  const retryDelays = options.retryDelaysSeconds === undefined ? {} : { retryDelaysSeconds: options.retryDelaysSeconds };
  const dispatcher = createDispatcher({
    store,
    owner: describeOwner(clock.nowMs()),
    clock,
    concurrency,
    perFunctionConcurrency: options.perFunctionConcurrency ?? Math.max(1, Math.floor(concurrency / 2)),
    functions: () => state.deployment?.functions ?? new Map(),
    run: pool.run.bind(pool),
    logs,
    onEvent: (event) => narrate(event, logs, metrics),
    ...retryDelays,
  });
  const background = createBackgroundCalls({
    acceptor: createAcceptor(store, clock.nowMs),
    nextId,
    now: clock.nowMs,
    wake: () => dispatcher.wake(),
    metrics,
    ...retryDelays,
  });
  const host = options.host ?? '127.0.0.1';
  const handler = createRequestHandler({
    deployment: () => state.deployment,
    background,
    pool,
    limiter: createLimiter({ running: options.syncConcurrency ?? 8, waiting: options.syncQueue ?? 1000 }),
    metrics,
    logs,
    nextId,
    now: clock.nowMs,
    // A proxy in front of a loopback address speaks for the whole network.
    revealErrors: isLoopback(host) && options.trustProxy !== true,
    trustProxy: options.trustProxy ?? false,
    fallbackHost: host,
    signal: cutOff.signal,
  });
  return { state, dispatcher, background, metrics, handler, cutOff };
}

function lineWriter(logStore: LogStore, watchers: ReadonlySet<() => void>, onLog: RuntimeOptions['onLog']): (line: NewLogLine) => void {
  return (line) => {
    logStore.append([line]);
    onLog?.(line);
    for (const watcher of watchers) watcher();
  };
}

/** @throws BgfnError ADMIN_TOKEN_MISSING: an admin port that others can reach is never open. */
function requireToken(options: RuntimeOptions): string | undefined {
  const token = options.adminToken === '' ? undefined : options.adminToken;
  if (options.adminPort !== undefined && token === undefined && !isLoopback(options.adminHost ?? '127.0.0.1')) {
    throw new BgfnError('ADMIN_TOKEN_MISSING', `The admin port on ${options.adminHost ?? ''} can be reached by other machines, and there is no token.`, {
      kind: 'usage',
      hint: 'Set BGFN_ADMIN_TOKEN to a long random text, or leave the admin port on 127.0.0.1.',
    });
  }
  return token;
}

async function startAdmin(server: ReturnType<typeof createAdminServer>, options: RuntimeOptions): Promise<string | undefined> {
  if (options.adminPort === undefined) return undefined;
  const host = options.adminHost ?? '127.0.0.1';
  if (options.adminPort !== 'auto') {
    const { port } = await listen(server, options.adminPort, host, '--admin-port');
    return urlOf(host, port);
  }
  try {
    const { port } = await listen(server, defaultAdminPort, host, '--admin-port');
    return urlOf(host, port);
  } catch (error) {
    if (!(error instanceof BgfnError) || error.code !== 'PORT_IN_USE') throw error;
    const { port } = await listen(server, 0, host, '--admin-port');
    return urlOf(host, port);
  }
}

async function isReady(state: RuntimeState, store: Store): Promise<boolean> {
  if (state.deployment === undefined || state.closing) return false;
  return store.nextAvailableAtMs(clock.nowMs()).then(
    () => true,
    () => false,
  );
}

async function pruneLogs(logStore: LogStore, logs: LogSink, retentionMs: number): Promise<void> {
  try {
    await logStore.prune({ beforeMs: clock.nowMs() - retentionMs, maxLines: maxLogLines });
  } catch (error) {
    logs.platform({ level: 'warn', text: `Old log lines could not be deleted: ${messageOf(error)}` });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
