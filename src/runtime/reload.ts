import { BgfnError } from '../diagnostic/bgfn-error.ts';
import { functionsOf, type Parts, type RuntimeState } from './call-path.ts';
import type { Scheduler } from './calls/scheduler.ts';
import { deploy, type DeployOptions } from './deployment.ts';
import type { LoadedFunction } from './load/load-functions.ts';
import type { LogSink } from './observe/log-sink.ts';
import type { Store } from './queue/store.ts';
import type { WorkerPool } from './worker/worker.ts';

export interface ReloadOptions {
  readonly state: RuntimeState;
  readonly deployOptions: DeployOptions;
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly parts: Pick<Parts, 'dispatcher' | 'metrics'>;
  readonly scheduler: Scheduler;
  readonly logs: LogSink;
  readonly now: () => number;
  /** Whether outcomes are signed. */
  readonly signs: boolean;
}

/**
 * Makes the function that loads what the manifest names and swaps to it, at the start and again
 * later. One at a time: the manifest that was read last is the one that stays.
 */
export function createReload(options: ReloadOptions): () => Promise<void> {
  const { state, deployOptions, pool, parts, scheduler } = options;
  return inTurn(async () => {
    const deployment = await deploy(deployOptions, await toldFunctions(options));
    if (state.closing) {
      throw new BgfnError('RUNTIME_CLOSING', 'The runtime is shutting down: nothing was reloaded.');
    }
    state.deployment = deployment;
    const functions = functionsOf(state);
    pool.retain(new Map(functions.map(({ name, runnable }) => [name, runnable.version])));
    scheduler.use(functions);
    for (const { name, manifest } of functions) {
      parts.metrics.serves(name, manifest.destinations !== undefined);
    }
    warn(functions, options);
    parts.dispatcher.wake();
  });
}

/**
 * `work`, never beside itself: a call waits for the one that is under way, however that ends, and
 * shares the next with whoever else asks meanwhile.
 */
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

/**
 * Functions that have had destinations: their outcomes are told, also of runs that end after the
 * function was taken out.
 */
async function toldFunctions({ state, store, now }: ReloadOptions): Promise<readonly string[]> {
  const stats = await store.stats(now()).catch(() => []);
  return [...(state.deployment?.dispatchable.values() ?? []), ...stats].flatMap((one) =>
    one.kind === 'delivery' ? [one.outcomeOf] : [],
  );
}

/** Of what works, but hardly as meant. */
function warn(functions: readonly LoadedFunction[], { signs, logs }: ReloadOptions): void {
  const telling = functions
    .filter(({ manifest }) => manifest.destinations !== undefined)
    .map(({ name }) => name);
  if (!signs && telling.length > 0) {
    logs.platform({
      level: 'warn',
      text: `Outcomes of ${telling.join(', ')} go to their destinations unsigned; set BGFN_WEBHOOK_SECRET to sign them.`,
    });
  }
  for (const { name, runnable } of functions) {
    if (runnable.machineProblem !== undefined) {
      logs.platform({ level: 'warn', functionName: name, text: runnable.machineProblem.message });
    }
  }
}
