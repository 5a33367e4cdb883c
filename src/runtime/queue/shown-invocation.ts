import type { Invocation } from './invocation.ts';
import type { InvocationDetail } from './store.ts';

/**
 * The form of an invocation in the admin API and in `--json`. There, a delivery is recognized by
 * its name. JSON omits the fields that are undefined.
 */
export function shownInvocation(invocation: Invocation): object {
  return { ...invocation, kind: undefined, outcomeOf: undefined };
}

/** The same form, with the attempts. */
export function shownDetail({ invocation, attempts }: InvocationDetail): object {
  return { invocation: shownInvocation(invocation), attempts };
}
