import { assumeType } from '../platform/assume-type.ts';
import type { TraceHeaders } from '../tracing/trace-context.ts';
import type { CallSource, IncomingCall } from './call.ts';

/**
 * What the queue keeps of a call: the request and its source. The event of the call is built only
 * when an attempt begins.
 */
export interface StoredCall extends CallSource {
  readonly call: IncomingCall;
  readonly trace: TraceHeaders;
}

type Head = readonly [
  method: string,
  origin: string,
  path: string,
  query: string,
  rawHeaders: readonly string[],
  clientIp: string,
  route: string | null,
  trace: TraceHeaders,
  source: CallSource,
];

const openingBracket = 0x5b;
const lineFeed = 0x0a;

/**
 * Encodes a call as one line of JSON, followed by the bytes of the body. This form has a third of
 * the event's size and takes a quarter of the work, and every caller waits until it is on the
 * disk.
 */
export function encodeCall({ call, trace, ...source }: StoredCall): Uint8Array {
  const head: Head = [
    call.method,
    call.origin,
    call.path,
    call.query,
    call.rawHeaders,
    call.clientIp,
    call.route ?? null,
    trace,
    source,
  ];
  const line = `${JSON.stringify(head)}\n`;
  if (call.body.length === 0) return Buffer.from(line);
  const size = Buffer.byteLength(line);
  const stored = Buffer.allocUnsafe(size + call.body.length);
  stored.write(line);
  stored.set(call.body, size);
  return stored;
}

/**
 * Decodes what `encodeCall` wrote. Returns `undefined` for any other payload: earlier versions of
 * bgfn stored the event of a call.
 */
export function decodeCall(payload: Uint8Array): StoredCall | undefined {
  if (payload[0] !== openingBracket) return undefined;
  const end = payload.indexOf(lineFeed);
  if (end === -1) return undefined;
  const line = Buffer.from(payload.buffer, payload.byteOffset, end).toString();
  const [method, origin, path, query, rawHeaders, clientIp, route, trace, source] =
    assumeType<Head>(JSON.parse(line));
  const call = {
    method,
    origin,
    path,
    query,
    rawHeaders,
    clientIp,
    body: payload.subarray(end + 1),
    route: route ?? undefined,
  };
  return { call, trace, ...source };
}
