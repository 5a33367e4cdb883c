import { randomUUID } from 'node:crypto';

/** An event for a worker that the worker has not taken yet. */
export interface OfferedInvocation {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly timeoutMs: number;
  readonly functionArn: string;
}

/** An invocation as it is sent to the worker. The invocation is kept so that it can be sent again. */
export interface GivenInvocation {
  readonly requestId: string;
  readonly headers: readonly string[];
  readonly payload: Uint8Array;
}

/** Adds the headers that the Lambda Runtime API sends. The deadline is counted from `nowMs`. */
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

/** Creates an X-Ray trace header with new ids, marked as not sampled. */
function traceId(nowMs: number): string {
  const random = randomUUID().replaceAll('-', '');
  const seconds = Math.floor(nowMs / 1000).toString(16);
  return `Root=1-${seconds}-${random.slice(0, 24)};Parent=${random.slice(16)};Sampled=0`;
}
