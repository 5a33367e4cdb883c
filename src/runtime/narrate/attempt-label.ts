import type { Invocation } from '../queue/invocation.ts';

/** Says which attempt a log line is about. */
export function attemptLabel({ functionName, id, attempt }: Invocation) {
  return { functionName, invocationId: id, attempt };
}
