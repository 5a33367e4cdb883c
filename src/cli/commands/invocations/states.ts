import { InvalidArgumentError } from 'commander';
import type { InvocationState } from '../../../runtime/queue/invocation.ts';

export type StateName = InvocationState['state'];

/** States of an invocation that nothing changes any more: only these are purged. */
export const endedStates = [
  'succeeded',
  'failed',
  'cancelled',
] as const satisfies readonly StateName[];

export const allStates = [
  'queued',
  'running',
  ...endedStates,
] as const satisfies readonly StateName[];

/** States separated by commas, for `--state`; a state that is not allowed is a usage error. */
export function parseStates(text: string, allowed: readonly StateName[]): readonly StateName[] {
  return text.split(',').map((part) => {
    const state = allowed.find((candidate) => candidate === part.trim());
    if (state === undefined) {
      throw new InvalidArgumentError(`"${part.trim()}" is none of ${allowed.join(', ')}`);
    }
    return state;
  });
}
