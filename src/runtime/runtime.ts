import type { Server } from 'node:http';
import path from 'node:path';
import { readManifest } from '../manifest/read.ts';
import { requireAdminToken, startAdmin, type RunningAdmin } from './admin/start-admin.ts';
import { createCallPath, type CallPath } from './call-path.ts';
import { createOperatorCalls } from './calls/operator-calls.ts';
import { createScheduler } from './calls/scheduler.ts';
import { resolveDeployOptions } from './deploy-options.ts';
import { describeFunction } from './deployed-function.ts';
import { drainCalls } from './drain-calls.ts';
import { startHousekeeping } from './housekeeping.ts';
import { closeServerNow } from './http/server/drain.ts';
import { urlOf } from './http/server/host-names.ts';
import { createHttpServer, defaultHttpLimits } from './http/server/http-server.ts';
import { listen } from './http/server/listen.ts';
import type { LoadedFunction } from './load/load-functions.ts';
import { defaultHost, type Runtime, type RuntimeOptions } from './options.ts';
import { createReload } from './reload.ts';
import { openResources, type Resources } from './resources.ts';
import { functionsOf, isReady, type RuntimeState } from './runtime-state.ts';
import { createUndoSteps, type UndoSteps } from './undo-steps.ts';

const defaultPort = 8888;
const defaultDrainMs = 30_000;

/**
 * Starts a runtime: opens the queue and the logs, listens, loads the functions, and begins to
 * dispatch. Until the functions are loaded, every request is answered with 503. If a step fails,
 * the completed steps are undone.
 *
 * @throws {BgfnError} For errors that a user can fix: the manifest, an artifact, the store, a port,
 *   an env file, a missing admin token.
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
  // Read before anything is created, so that a mistyped directory leaves no queue behind.
  await readManifest(path.resolve(options.artifactsDirectory));
  const state: RuntimeState = { deployment: undefined, closing: false };
  const resources = await openResources(options, undo);
  const { clock, logs, logStore, extractDirectory } = resources;
  const callPath = createCallPath(options, state, resources);
  const { background, dispatcher, handler, metrics } = callPath;

  const { server, url } = await listenForCalls(options, handler, undo);
  const scheduler = createScheduler({ clock, background, logs, origin: url });
  undo.add(() => scheduler.stop());
  const reload = createReload({
    ...resources,
    state,
    deployOptions: await resolveDeployOptions(options, { url, adminToken, extractDirectory }),
    dispatcher,
    metrics,
    scheduler,
    signsDeliveries: options.webhookSecret !== undefined,
  });
  await reload();

  const functions = () => functionsOf(state);
  const admin = await listenForOperators(options, {
    adminToken,
    url,
    functions,
    state,
    resources,
    callPath,
  });
  undo.add(() => admin?.close());
  await dispatcher.start();
  undo.add(startHousekeeping({ ...resources, functions, retention: options.retention }));

  const close = async (drainMs: number): Promise<void> => {
    state.closing = true;
    scheduler.stop();
    await drainCalls(server, callPath, clock, drainMs);
    // A log store that fails has already been reported; it must not delay the shutdown.
    await logStore.flush().catch(() => undefined);
    await undo.run();
  };
  let closing: Promise<void> | undefined;
  return {
    url,
    adminUrl: admin?.url,
    functions: () => functions().map((fn) => describeFunction(fn, url)),
    reload,
    close: ({ drainTimeoutMs = defaultDrainMs } = {}) => (closing ??= close(drainTimeoutMs)),
  };
}

async function listenForCalls(
  { host = defaultHost, port: wanted = defaultPort, httpLimits }: RuntimeOptions,
  handler: CallPath['handler'],
  undo: UndoSteps,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createHttpServer(handler, { ...defaultHttpLimits, ...httpLimits });
  const { port } = await listen(server, { host, port: wanted, portFlag: '--port' });
  undo.add(() => closeServerNow(server));
  return { server, url: urlOf(host, port) };
}

/** The parts of a runtime that its admin port shows and controls. */
interface RuntimeInternals {
  readonly adminToken: string | undefined;
  readonly url: string;
  /** The functions deployed now. */
  readonly functions: () => readonly LoadedFunction[];
  readonly state: RuntimeState;
  readonly resources: Resources;
  readonly callPath: CallPath;
}

/** Listens on the admin port; resolves with `undefined` if the options ask for none. */
function listenForOperators(
  options: RuntimeOptions,
  { adminToken, url, functions, state, resources, callPath }: RuntimeInternals,
): Promise<RunningAdmin | undefined> {
  const { clock } = resources;
  const { background, dispatcher, metrics } = callPath;
  return startAdmin(options, clock, {
    ...resources,
    ...createOperatorCalls({ functions, background, origin: url }),
    token: adminToken,
    metrics,
    now: () => clock.nowMs(),
    functions,
    isReady: () => isReady(state, resources.store),
    wake: () => dispatcher.wake(),
  });
}
