import { BgfnError } from '../diagnostic/bgfn-error.ts';
import type { Scheduler } from './calls/scheduler.ts';
import { deploy, type DeployOptions } from './deployment.ts';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { LoadedFunction } from './load/load-functions.ts';
import type { LogSink } from './observe/log-sink.ts';
import type { Metrics } from './observe/metrics.ts';
import type { Clock } from './platform/clock.ts';
import type { Store } from './queue/store.ts';
import { functionsOf, type RuntimeState } from './runtime-state.ts';
import type { WorkerPool } from './worker/worker.ts';

export interface ReloadOptions {
  readonly state: RuntimeState;
  readonly deployOptions: DeployOptions;
  readonly clock: Clock;
  readonly store: Store;
  readonly pool: Pick<WorkerPool, 'retain'>;
  readonly dispatcher: Pick<Dispatcher, 'wake'>;
  readonly metrics: Pick<Metrics, 'serves'>;
  readonly scheduler: Pick<Scheduler, 'use'>;
  readonly logs: Pick<LogSink, 'platform'>;
  readonly signsDeliveries: boolean;
}

/**
 * Creates the function that loads the functions of the manifest and swaps to them, at the start and
 * at every reload. Reloads run one after the other, so that the manifest that was read last stays.
 */
export function createReload(options: ReloadOptions): () => Promise<void> {
  const { state, deployOptions, pool, dispatcher, metrics, scheduler } = options;
  return oneAtATime(async () => {
    const deployment = await deploy(deployOptions, await functionsWithDeliveries(options));
    if (state.closing) {
      throw new BgfnError('RUNTIME_CLOSING', 'The runtime is shutting down: nothing was reloaded.');
    }
    state.deployment = deployment;
    const functions = functionsOf(state);
    pool.retain(new Map(functions.map(({ name, runnable }) => [name, runnable.version])));
    scheduler.use(functions);
    for (const { name, manifest } of functions) {
      metrics.serves(name, manifest.destinations !== undefined);
    }
    if (!options.signsDeliveries) warnOfUnsignedDeliveries(functions, options.logs);
    warnOfOtherMachines(functions, options.logs);
    dispatcher.wake();
  });
}

/**
 * Never runs `work` twice at once. The calls that come during a run wait until the run has ended,
 * also if it failed, and share one further run.
 */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    next = undefined;
    running = work();
    return running;
  };
  return () => (next ??= running.then(begin, begin));
}

/**
 * The names of the functions that had destinations in the previous deployment, or whose outcomes
 * are in the queue. Their deliveries continue after the function was removed from the manifest.
 */
async function functionsWithDeliveries({
  state,
  store,
  clock,
}: ReloadOptions): Promise<readonly string[]> {
  const queued = await store.stats(clock.nowMs()).catch(() => []);
  const deployed = state.deployment?.dispatchable.values() ?? [];
  return [...deployed, ...queued].flatMap((entry) =>
    entry.kind === 'delivery' ? [entry.outcomeOf] : [],
  );
}

type Warnings = ReloadOptions['logs'];

function warnOfUnsignedDeliveries(functions: readonly LoadedFunction[], logs: Warnings): void {
  const names = functions
    .filter(({ manifest }) => manifest.destinations !== undefined)
    .map(({ name }) => name);
  if (names.length === 0) return;
  logs.platform({
    level: 'warn',
    text:
      `Outcomes of ${names.join(', ')} go to their destinations unsigned; ` +
      'set BGFN_WEBHOOK_SECRET to sign them.',
  });
}

/** Warns of functions that were built for another kind of machine than this one. */
function warnOfOtherMachines(functions: readonly LoadedFunction[], logs: Warnings): void {
  for (const { name, runnable } of functions) {
    if (runnable.machineProblem !== undefined) {
      logs.platform({ level: 'warn', functionName: name, text: runnable.machineProblem.message });
    }
  }
}
