import { InvalidArgumentError } from 'commander';
import type { InvocationStateName } from '../../../runtime/queue/invocation.ts';

/** Parses states separated by commas, for `--state`. A state that is not allowed is a usage error. */
export function parseStates(
  text: string,
  allowed: readonly InvocationStateName[],
): readonly InvocationStateName[] {
  return text.split(',').map((part) => {
    const state = allowed.find((candidate) => candidate === part.trim());
    if (state === undefined) {
      throw new InvalidArgumentError(`"${part.trim()}" is none of ${allowed.join(', ')}`);
    }
    return state;
  });
}
