import { randomUUID } from 'node:crypto';

/** An event for the worker. */
export interface OfferedInvocation {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  readonly functionArn: string;
}

/** An invocation as it was given out, so that it can be given out again. */
export interface GivenInvocation {
  readonly requestId: string;
  readonly headers: readonly string[];
  readonly payload: Uint8Array;
}

/**
 * Makes what is sent for it: the headers of the Lambda Runtime API, with a deadline that counts
 * from now.
 */
export function givenInvocation(
  { requestId, payload, timeoutMs, functionArn }: OfferedInvocation,
  nowMs: number,
): GivenInvocation {
  return {
    requestId,
    payload,
    headers: [
      'Content-Type',
      'application/json',
      'Content-Length',
      String(payload.byteLength),
      'Lambda-Runtime-Aws-Request-Id',
      requestId,
      'Lambda-Runtime-Deadline-Ms',
      String(nowMs + timeoutMs),
      'Lambda-Runtime-Invoked-Function-Arn',
      functionArn,
      'Lambda-Runtime-Trace-Id',
      traceId(nowMs),
    ],
  };
}

/** An X-Ray trace header of its own for each invocation; nothing is sampled. */
function traceId(nowMs: number): string {
  const random = randomUUID().replaceAll('-', '');
  return `Root=1-${Math.floor(nowMs / 1000).toString(16)}-${random.slice(0, 24)};Parent=${random.slice(16)};Sampled=0`;
}
