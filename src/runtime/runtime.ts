import path from 'node:path';
import { BgfnError } from '../diagnostic/bgfn-error.ts';
import { messageOf } from '../diagnostic/system-error.ts';
import type { LogStore, NewLogLine } from '../log/log-store.ts';
import { openLogStore } from '../log/sqlite-log-store.ts';
import { readManifest } from '../manifest/read.ts';
import { deliveredFunctionOf } from '../queue/delivery.ts';
import { openSqliteStore } from '../queue/sqlite/open-sqlite-store.ts';
import type { Store } from '../queue/store.ts';
import { createWorkerPool } from '../worker/pool.ts';
import type { WorkerPool } from '../worker/worker.ts';
import { requireAdminToken, startAdmin } from './admin/start-admin.ts';
import { assemble } from './assemble.ts';
import type { RuntimeState } from './assemble.ts';
import { createCleanup } from './cleanup.ts';
import type { Cleanup } from './cleanup.ts';
import { systemClock } from './clock.ts';
import { deploy, describeFunction } from './load/deployment.ts';
import type { DeployOptions } from './load/deployment.ts';
import { functionEnvironment, readEnvFiles } from './load/environment.ts';
import { defaultRetention, startHousekeeping } from './housekeeping.ts';
import { drainServer } from './http/http-drain.ts';
import type { LoadedFunction } from './load/load-functions.ts';
import { createHttpServer, defaultHttpLimits, listen, urlOf } from './http/http-server.ts';
import { createLogSink } from './observe/log-sink.ts';
import type { LogSink } from './observe/log-sink.ts';
import { createOperatorCalls } from './calls/operator-calls.ts';
import type { Runtime, RuntimeOptions } from './options.ts';
import { createScheduler } from './calls/scheduler.ts';
import { resolveSite } from './calls/site.ts';
import { loadOpenTelemetry } from './tracing/open-telemetry.ts';
import { passThrough } from './tracing/tracing.ts';

const clock = systemClock;
const now = (): number => clock.nowMs();
const defaultDrainMs = 30_000;
/** What was cut off still gets this long to be answered and put back. */
const cutOffGraceMs = 2_000;
/** Timers of Node are 32-bit, and one that is set further ahead rings at once. 24 days are as good as for ever here. */
const longestDrainMs = 2 ** 31 - 1 - cutOffGraceMs;

/**
 * Starts a runtime: opens the queue and the logs, listens, loads the functions, and begins to dispatch. Until the functions are loaded every request is
 * answered with 503. What was started is undone when a later step fails.
 *
 * @throws BgfnError for what a user can fix: the manifest, an artifact, the store, a port, an env file, a missing admin token.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const cleanup = createCleanup();
  try {
    return await start(options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function start(options: RuntimeOptions, cleanup: Cleanup): Promise<Runtime> {
  const adminToken = requireAdminToken(options);
  // Before anything is made: a mistyped directory leaves no queue behind.
  await readManifest(path.resolve(options.artifactsDirectory));
  const stateDirectory = path.dirname(storeFileOf(options));
  const { store, logStore, logs, pool, watchers } = await openSurroundings(options, cleanup);
  const tracing = (await loadOpenTelemetry(process.cwd())) ?? passThrough;
  const state: RuntimeState = { deployment: undefined, closing: false };
  const cutOff = new AbortController();
  const { dispatcher, background, metrics, handler, syncCallsEnded } = assemble(options, state, { clock, store, logs, pool, tracing, cutOff: cutOff.signal });

  const host = options.host ?? '127.0.0.1';
  const server = createHttpServer(handler, { ...defaultHttpLimits, ...options.httpLimits });
  const { port } = await listen(server, options.port ?? 8888, host, '--port');
  cleanup.defer(() => drainServer(server, AbortSignal.abort()));
  const url = urlOf(host, port);

  const deployOptions = await prepareDeploy(options, url, adminToken, path.join(stateDirectory, 'functions'));
  const scheduler = createScheduler({ clock, background, logs, origin: url });
  cleanup.defer(() => scheduler.stop());
  const functions = () => [...(state.deployment?.functions.values() ?? [])];
  // One at a time: the manifest that was read last is the one that stays.
  const reload = inTurn(async () => {
    const deployment = await deploy(deployOptions, await toldFunctions(state, store));
    if (state.closing) throw new BgfnError('RUNTIME_CLOSING', 'The runtime is shutting down: nothing was reloaded.');
    state.deployment = deployment;
    pool.retain(new Map(functions().map(({ name, runnable }) => [name, runnable.version])));
    scheduler.use(functions());
    for (const { name, manifest } of functions()) metrics.serves(name, manifest.destinations !== undefined);
    warnOfUnsigned(functions(), options, logs);
    for (const { name, runnable } of functions()) if (runnable.machineProblem !== undefined) logs.platform({ level: 'warn', functionName: name, text: runnable.machineProblem.message });
    dispatcher.wake();
  });
  await reload();

  const admin = await startAdmin(options, clock, {
    ...(adminToken === undefined ? {} : { token: adminToken }),
    store,
    logStore,
    logs,
    metrics,
    now,
    functions,
    isReady: () => isReady(state, store),
    ...createOperatorCalls({ deployment: () => state.deployment, background, origin: url }),
    wake: () => dispatcher.wake(),
    onLogLine: (listener) => {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
  });
  cleanup.defer(() => admin?.close());
  await dispatcher.start();
  const inUse = (): ReadonlySet<string> => new Set(functions().map(({ runnable }) => path.basename(runnable.directory)));
  cleanup.defer(
    startHousekeeping({ store, logStore, logs, now, inUse, extractDirectory: deployOptions.extractDirectory, retention: { ...defaultRetention, ...options.retention } }),
  );

  const close = async (drainMs: number): Promise<void> => {
    state.closing = true;
    scheduler.stop();
    const forced = new AbortController();
    const timers = [setTimeout(() => cutOff.abort(), drainMs), setTimeout(() => forced.abort(), drainMs + cutOffGraceMs)];
    await Promise.all([drainServer(server, forced.signal).then(syncCallsEnded), dispatcher.drain(drainMs)]);
    for (const timer of timers) clearTimeout(timer);
    // Logs that cannot be kept were reported when it began; they hold up no shutdown.
    await logStore.flush().catch(() => undefined);
    await cleanup.run();
  };
  let closing: Promise<void> | undefined;
  return {
    url,
    adminUrl: admin?.url,
    functions: () => functions().map((fn) => describeFunction(fn, url)),
    reload,
    close: ({ drainTimeoutMs = defaultDrainMs } = {}) => (closing ??= close(Math.min(drainTimeoutMs, longestDrainMs))),
  };
}

/** `work`, never beside itself: a call waits for the one that is under way, however that ends, and shares the next with whoever else asks meanwhile. */
function inTurn(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    next = undefined;
    running = work();
    return running;
  };
  return () => (next ??= running.then(begin, begin));
}

interface OpenedSurroundings {
  readonly store: Store;
  readonly logStore: LogStore;
  readonly logs: LogSink;
  readonly pool: WorkerPool;
  /** Called at every log line. */
  readonly watchers: Set<() => void>;
}

/** The parts that hold something outside this process: files and child processes. */
async function openSurroundings(options: RuntimeOptions, cleanup: Cleanup): Promise<OpenedSurroundings> {
  const storeFile = storeFileOf(options);
  const store = await openSqliteStore({ file: storeFile });
  cleanup.defer(() => store.close());
  const logStore = openLogStore({
    file: path.join(path.dirname(storeFile), 'logs.db'),
    // Not into the log store, which is the one in trouble.
    onProblem: (error) => options.onLog?.({ atMs: now(), functionName: 'bgfn', stream: 'platform', level: 'warn', text: `Log lines cannot be kept: ${messageOf(error)}` }),
  });
  cleanup.defer(() => logStore.close());
  const watchers = new Set<() => void>();
  const write = (line: NewLogLine): void => {
    logStore.append([line]);
    options.onLog?.(line);
    for (const watcher of watchers) watcher();
  };
  const logs = createLogSink(write, now);
  const pool = createWorkerPool({
    onOutput: (fn, line) => logs.betweenRuns(fn, line),
    onWarning: (text) => logs.platform({ level: 'warn', text }),
  });
  cleanup.defer(() => pool.close());
  return { store, logStore, logs, pool, watchers };
}

/** What every deployment needs and no reload changes. */
async function prepareDeploy(options: RuntimeOptions, url: string, adminToken: string | undefined, extractDirectory: string): Promise<DeployOptions> {
  const site = resolveSite(options.site ?? {}, url, process.env);
  const environment = functionEnvironment({
    processEnv: process.env,
    fileEnv: await readEnvFiles(options.envFiles ?? []),
    secrets: [adminToken, options.webhookSecret].filter((secret) => secret !== undefined),
    site,
    development: options.development ?? false,
  });
  return { artifactsDirectory: options.artifactsDirectory, extractDirectory, environment, site };
}

function warnOfUnsigned(functions: readonly LoadedFunction[], { webhookSecret }: RuntimeOptions, logs: LogSink): void {
  const names = functions.filter(({ manifest }) => manifest.destinations !== undefined).map(({ name }) => name);
  if (webhookSecret !== undefined || names.length === 0) return;
  logs.platform({ level: 'warn', text: `Outcomes of ${names.join(', ')} go to their destinations unsigned; set BGFN_WEBHOOK_SECRET to sign them.` });
}

/** Functions that have had destinations: their outcomes are told, also of runs that end after the function was taken out. */
async function toldFunctions({ deployment }: RuntimeState, store: Store): Promise<readonly string[]> {
  const stats = await store.stats(now()).catch(() => []);
  const names = [...(deployment?.dispatchable.keys() ?? []), ...stats.map(({ functionName }) => functionName)];
  return names.map(deliveredFunctionOf).filter((name) => name !== undefined);
}

async function isReady(state: RuntimeState, store: Store): Promise<boolean> {
  if (state.deployment === undefined || state.closing) return false;
  return store.probe().then(
    () => true,
    () => false,
  );
}

function storeFileOf(options: RuntimeOptions): string {
  return path.resolve(options.storeFile ?? path.join('.bgfn', 'queue.db'));
}
