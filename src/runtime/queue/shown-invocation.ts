import type { Invocation } from './invocation.ts';
import type { InvocationDetail } from './store.ts';

/**
 * An invocation as the admin API and `--json` give it: there, the name of a delivery says what it
 * is. JSON leaves out what is undefined.
 */
export function shownInvocation(invocation: Invocation): object {
  return { ...invocation, kind: undefined, outcomeOf: undefined };
}

/** The same with its attempts. */
export function shownDetail({ invocation, attempts }: InvocationDetail): object {
  return { invocation: shownInvocation(invocation), attempts };
}
