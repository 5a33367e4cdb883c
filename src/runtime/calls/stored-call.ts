import { trusted } from '../sqlite/trusted.ts';
import type { TraceHeaders } from '../tracing/trace-context.ts';
import type { CallOrigin, IncomingCall } from './event.ts';

/**
 * What the queue keeps of a call: the request as it came, and where it came from. The event is made
 * of it when an attempt begins.
 */
export interface StoredCall extends CallOrigin {
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
  from: CallOrigin,
];

const openingBracket = 0x5b;
const lineFeed = 0x0a;

/**
 * One line of JSON, then the body as it came. A third of the event's size, and a quarter of the
 * work: a call is accepted once, in a hurry, and every caller waits for the disk to take it.
 */
export function encodeCall({ call, trace, ...from }: StoredCall): Uint8Array {
  const head: Head = [
    call.method,
    call.origin,
    call.path,
    call.query,
    call.rawHeaders,
    call.clientIp,
    call.route ?? null,
    trace,
    from,
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
 * What `encodeCall` encoded; `undefined` for other payloads: deliveries, and the events that
 * earlier versions of bgfn kept.
 */
export function decodeCall(payload: Uint8Array): StoredCall | undefined {
  if (payload[0] !== openingBracket) return undefined;
  const end = payload.indexOf(lineFeed);
  if (end === -1) return undefined;
  const line = Buffer.from(payload.buffer, payload.byteOffset, end).toString();
  const [method, origin, path, query, rawHeaders, clientIp, route, trace, from] = trusted<Head>(
    JSON.parse(line),
  );
  const call = {
    method,
    origin,
    path,
    query,
    rawHeaders,
    clientIp,
    body: payload.subarray(end + 1),
    ...(route === null ? {} : { route }),
  };
  return { call, trace, ...from };
}
