import type { Deployment } from './deployment.ts';
import type { LoadedFunction } from './load/load-functions.ts';
import type { Store } from './queue/store.ts';

/** The state that changes while a runtime runs. */
export interface RuntimeState {
  /** `undefined` until the functions are loaded. */
  deployment: Deployment | undefined;
  closing: boolean;
}

/** The functions deployed now. */
export function functionsOf({ deployment }: Readonly<RuntimeState>): readonly LoadedFunction[] {
  return [...(deployment?.functions.values() ?? [])];
}

/**
 * Whether calls can be taken: the functions are loaded, the runtime is not closing, and the store
 * answers.
 */
export async function isReady(state: Readonly<RuntimeState>, store: Store): Promise<boolean> {
  if (state.deployment === undefined || state.closing) return false;
  return store.probe().then(
    () => true,
    () => false,
  );
}
