import type { RequestListener, Server } from 'node:http';
import path from 'node:path';
import { messageOf } from '../diagnostic/system-error.ts';
import { readManifest } from '../manifest/read.ts';
import { requireAdminToken, startAdmin, type RunningAdmin } from './admin/start-admin.ts';
import { assemble, functionsOf, type Parts, type RuntimeState } from './call-path.ts';
import { createOperatorCalls } from './calls/operator-calls.ts';
import { createScheduler } from './calls/scheduler.ts';
import { describeFunction, type DeployOptions } from './deployment.ts';
import { defaultRetention, startHousekeeping } from './housekeeping.ts';
import { drainServer } from './http/server/drain.ts';
import { urlOf } from './http/server/host-names.ts';
import { createHttpServer, defaultHttpLimits } from './http/server/http-server.ts';
import { listen } from './http/server/listen.ts';
import { functionEnvironment, readEnvFiles } from './load/environment.ts';
import { resolveSite } from './load/site.ts';
import type { LogStore, NewLogLine } from './logs/log-store.ts';
import { openLogStore } from './logs/sqlite-log-store.ts';
import { createLogSink, type LogSink } from './observe/log-sink.ts';
import type { Runtime, RuntimeOptions } from './options.ts';
import { systemClock } from './platform/clock.ts';
import { openSqliteStore } from './queue/sqlite/open-sqlite-store.ts';
import type { Store } from './queue/store.ts';
import { createReload } from './reload.ts';
import { defaultStoreFile, extractDirectoryBeside, logFileBeside } from './state-files.ts';
import { loadOpenTelemetry } from './tracing/open-telemetry.ts';
import { passThrough } from './tracing/tracing.ts';
import { createUndoSteps, type UndoSteps } from './undo-steps.ts';
import { createWorkerPool } from './worker/pool/pool.ts';
import type { WorkerPool } from './worker/worker.ts';

const clock = systemClock;
const now = (): number => clock.nowMs();
const defaultDrainMs = 30_000;
/** What was cut off still gets this long to be answered and put back. */
const cutOffGraceMs = 2_000;
/**
 * Timers of Node are 32-bit, and one that is set further ahead rings at once. 24 days are as good
 * as for ever here.
 */
const longestDrainMs = 2 ** 31 - 1 - cutOffGraceMs;

/**
 * Starts a runtime: opens the queue and the logs, listens, loads the functions, and begins to
 * dispatch. Until the functions are loaded every request is answered with 503. What was started is
 * undone when a later step fails.
 *
 * @throws BgfnError for what a user can fix: the manifest, an artifact, the store, a port, an env
 *   file, a missing admin token.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const undo = createUndoSteps();
  try {
    return await start(options, undo);
  } catch (error) {
    await undo.run();
    throw error;
  }
}

async function start(options: RuntimeOptions, undo: UndoSteps): Promise<Runtime> {
  const adminToken = requireAdminToken(options);
  // Before anything is made: a mistyped directory leaves no queue behind.
  await readManifest(path.resolve(options.artifactsDirectory));
  const opened = await openSurroundings(options, undo);
  const { store, logs, pool } = opened;
  const tracing = (await loadOpenTelemetry(process.cwd())) ?? passThrough;
  const state: RuntimeState = { deployment: undefined, closing: false };
  const cutOff = new AbortController();
  const parts = assemble(options, state, {
    clock,
    store,
    logs,
    pool,
    tracing,
    cutOff: cutOff.signal,
  });

  const { server, url } = await openToCallers(options, parts.handler, undo);
  const deployOptions = await prepareDeploy(options, url, adminToken);
  const scheduler = createScheduler({ clock, background: parts.background, logs, origin: url });
  undo.add(() => scheduler.stop());
  const reload = createReload({
    state,
    deployOptions,
    store,
    pool,
    parts,
    scheduler,
    logs,
    now,
    signs: options.webhookSecret !== undefined,
  });
  await reload();

  const admin = await openToOperators(options, { adminToken, state, opened, parts, url });
  undo.add(() => admin?.close());
  await parts.dispatcher.start();
  undo.add(keepHouse(options, opened, state, deployOptions.extractDirectory));

  const close = async (drainMs: number): Promise<void> => {
    state.closing = true;
    scheduler.stop();
    await drain(server, parts, cutOff, drainMs);
    // Logs that cannot be kept were reported when it began; they hold up no shutdown.
    await opened.logStore.flush().catch(() => undefined);
    await undo.run();
  };
  let closing: Promise<void> | undefined;
  return {
    url,
    adminUrl: admin?.url,
    functions: () => functionsOf(state).map((fn) => describeFunction(fn, url)),
    reload,
    close: ({ drainTimeoutMs = defaultDrainMs } = {}) =>
      (closing ??= close(Math.min(drainTimeoutMs, longestDrainMs))),
  };
}

interface OpenedSurroundings {
  readonly store: Store;
  readonly logStore: LogStore;
  readonly logs: LogSink;
  readonly pool: WorkerPool;
  /** Calls `listener` at every log line; gives back what ends that. */
  readonly onLogLine: (listener: () => void) => () => void;
}

/** The parts that hold something outside this process: files and child processes. */
async function openSurroundings(
  options: RuntimeOptions,
  undo: UndoSteps,
): Promise<OpenedSurroundings> {
  const storeFile = storeFileOf(options);
  const store = await openSqliteStore({ file: storeFile });
  undo.add(() => store.close());
  const logStore = openLogStore({
    file: logFileBeside(storeFile),
    // Not into the log store, which is the one in trouble.
    onProblem: (error) =>
      options.onLog?.({
        atMs: now(),
        functionName: 'bgfn',
        stream: 'platform',
        level: 'warn',
        text: `Log lines cannot be kept: ${messageOf(error)}`,
      }),
  });
  undo.add(() => logStore.close());
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
  undo.add(() => pool.close());
  const onLogLine = (listener: () => void): (() => void) => {
    watchers.add(listener);
    return () => watchers.delete(listener);
  };
  return { store, logStore, logs, pool, onLogLine };
}

/** Listens on the functions' port. */
async function openToCallers(
  options: RuntimeOptions,
  handler: RequestListener,
  undo: UndoSteps,
): Promise<{ readonly server: Server; readonly url: string }> {
  const host = options.host ?? '127.0.0.1';
  const server = createHttpServer(handler, { ...defaultHttpLimits, ...options.httpLimits });
  const wanted = { host, port: options.port ?? 8888, portFlag: '--port' };
  const { port } = await listen(server, wanted);
  undo.add(() => drainServer(server, AbortSignal.abort()));
  return { server, url: urlOf(host, port) };
}

/** What every deployment needs and no reload changes. */
async function prepareDeploy(
  options: RuntimeOptions,
  url: string,
  adminToken: string | undefined,
): Promise<DeployOptions> {
  const site = resolveSite(options.site ?? {}, url, process.env);
  const environment = functionEnvironment({
    processEnv: process.env,
    fileEnv: await readEnvFiles(options.envFiles ?? []),
    secrets: [adminToken, options.webhookSecret].filter((secret) => secret !== undefined),
    site,
    development: options.development ?? false,
  });
  return {
    artifactsDirectory: options.artifactsDirectory,
    extractDirectory: extractDirectoryBeside(storeFileOf(options)),
    environment,
    site,
  };
}

interface AdminSurroundings {
  readonly adminToken: string | undefined;
  readonly state: RuntimeState;
  readonly opened: OpenedSurroundings;
  readonly parts: Parts;
  readonly url: string;
}

/** Listens on the admin port, if there is to be one. */
function openToOperators(
  options: RuntimeOptions,
  { adminToken, state, opened, parts, url }: AdminSurroundings,
): Promise<RunningAdmin | undefined> {
  const { store, logStore, logs, onLogLine } = opened;
  return startAdmin(options, clock, {
    ...(adminToken === undefined ? {} : { token: adminToken }),
    store,
    logStore,
    logs,
    metrics: parts.metrics,
    now,
    functions: () => functionsOf(state),
    isReady: () => isReady(state, store),
    ...createOperatorCalls({
      functions: () => functionsOf(state),
      background: parts.background,
      origin: url,
    }),
    wake: () => parts.dispatcher.wake(),
    onLogLine,
  });
}

async function isReady(state: RuntimeState, store: Store): Promise<boolean> {
  if (state.deployment === undefined || state.closing) return false;
  return store.probe().then(
    () => true,
    () => false,
  );
}

/** Tidies up from now on; the function returned ends that. */
function keepHouse(
  options: RuntimeOptions,
  { store, logStore, logs }: OpenedSurroundings,
  state: RuntimeState,
  extractDirectory: string,
): () => void {
  const inUse = (): ReadonlySet<string> =>
    new Set(functionsOf(state).map(({ runnable }) => path.basename(runnable.directory)));
  return startHousekeeping({
    store,
    logStore,
    logs,
    now,
    inUse,
    extractDirectory,
    retention: { ...defaultRetention, ...options.retention },
  });
}

/** Waits for what runs; after `drainMs` it is cut off. */
async function drain(
  server: Server,
  { dispatcher, syncCallsEnded }: Parts,
  cutOff: AbortController,
  drainMs: number,
): Promise<void> {
  const forced = new AbortController();
  const timers = [
    setTimeout(() => cutOff.abort(), drainMs),
    setTimeout(() => forced.abort(), drainMs + cutOffGraceMs),
  ];
  await Promise.all([
    drainServer(server, forced.signal).then(syncCallsEnded),
    dispatcher.drain(drainMs),
  ]);
  for (const timer of timers) clearTimeout(timer);
}

function storeFileOf(options: RuntimeOptions): string {
  return path.resolve(options.storeFile ?? defaultStoreFile);
}
