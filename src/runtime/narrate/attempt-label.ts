import type { Invocation } from '../queue/invocation.ts';

/** Returns the fields of a log line that identify the attempt. */
export function attemptLabel({ functionName, id, attempt }: Invocation) {
  return { functionName, invocationId: id, attempt };
}
