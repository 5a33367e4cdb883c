import { randomFillSync } from 'node:crypto';

/** The W3C headers of a trace (https://www.w3.org/TR/trace-context/). */
export interface TraceHeaders {
  readonly traceparent: string;
  /** Data of tracing vendors, valid only together with the `traceparent` of the same request. */
  readonly tracestate?: string;
}

export interface TraceParent {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const pattern =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Parses a `traceparent`. Returns `undefined` if the text is malformed. Only versions after 00 may
 * have more fields at the end.
 */
export function parseTraceparent(text: string | undefined): TraceParent | undefined {
  const match = pattern.exec(text ?? '');
  if (match === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match;
  if (version === '00' && rest !== undefined) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** The number of bytes of a trace id and a span id together. */
const idBytes = 24;
/**
 * Random bytes for 128 traces. They are fetched together because every fetch costs a system call,
 * however few bytes it returns.
 */
const randomPool = Buffer.alloc(idBytes * 128);
let poolOffset = randomPool.length;

/**
 * Begins a trace. The trace is marked as sampled, because a function that traces by itself would
 * otherwise omit its spans.
 */
export function newTraceparent(): string {
  if (poolOffset === randomPool.length) {
    randomFillSync(randomPool);
    poolOffset = 0;
  }
  const random = randomPool.toString('hex', poolOffset, poolOffset + idBytes);
  poolOffset += idBytes;
  return formatTraceparent({
    traceId: random.slice(0, 32),
    spanId: random.slice(32),
    isSampled: true,
  });
}

/**
 * Returns the trace that a request belongs to, if the request has exactly one `traceparent` and
 * that header is well formed.
 */
export function traceOf(rawHeaders: readonly string[]): TraceHeaders | undefined {
  let traceparent: string | undefined;
  let tracestate = '';
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    if (name.length === 'traceparent'.length && name.toLowerCase() === 'traceparent') {
      if (traceparent !== undefined) return undefined;
      traceparent = value;
    } else if (name.length === 'tracestate'.length && name.toLowerCase() === 'tracestate') {
      tracestate = tracestate === '' ? value : `${tracestate},${value}`;
    }
  }
  if (traceparent === undefined || parseTraceparent(traceparent) === undefined) return undefined;
  return tracestate === '' ? { traceparent } : { traceparent, tracestate };
}
