import { buildEvent, encodeEvent, type SiteHeaders } from '../calls/event.ts';
import { decodeCall, type StoredCall } from '../calls/stored-call.ts';
import type { TraceHeaders } from '../tracing/trace-context.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface AttemptFacts {
  readonly invocationId: string;
  /** From 1. */
  readonly attempt: number;
  readonly site: SiteHeaders;
  /**
   * In place of the trace that the stored call names: the function's spans are children of the
   * attempt.
   */
  readonly trace: TraceHeaders | undefined;
}

/** What the worker gets: the event of the stored call, with what the platform says of this attempt. */
export function eventOfAttempt(
  payload: Uint8Array,
  { invocationId, attempt, site, trace }: AttemptFacts,
): Uint8Array {
  const stored = decodeCall(payload);
  if (stored !== undefined) {
    const { call, ...facts } = stored;
    return encodeEvent(
      buildEvent(call, {
        ...facts,
        invocationId,
        attempt,
        site,
        ...(trace === undefined ? {} : { trace }),
      }),
    );
  }
  return withHeaders(payload, {
    ...(attempt === 1 ? {} : { 'x-bgfn-attempt': String(attempt) }),
    ...trace,
  });
}

/**
 * Where a stored payload says what trace it belongs to: a call, a delivery, or the headers of an
 * event.
 */
export function traceHeadersOf(payload: Uint8Array): Fields {
  const call = readable(payload);
  if (call !== undefined) return { ...call.trace };
  const stored = parse(payload);
  if (!isObject(stored)) return {};
  return isObject(stored['headers']) ? stored['headers'] : stored;
}

/**
 * An event, which earlier versions of bgfn kept in place of the call, with other values for some
 * headers, in `headers` and in `multiValueHeaders`. What is not a JSON object with headers passes
 * unchanged.
 */
function withHeaders(
  payload: Uint8Array,
  replacements: Readonly<Record<string, string>>,
): Uint8Array {
  if (Object.keys(replacements).length === 0) {
    return payload;
  }
  const event = parse(payload);
  if (!isObject(event) || !isObject(event['headers'])) {
    return payload;
  }
  const patched: Record<string, unknown> = {
    ...event,
    headers: replaced(event['headers'], replacements),
  };
  if (isObject(event['multiValueHeaders'])) {
    patched['multiValueHeaders'] = replaced(
      event['multiValueHeaders'],
      Object.fromEntries(Object.entries(replacements).map(([name, value]) => [name, [value]])),
    );
  }
  return Buffer.from(JSON.stringify(patched));
}

/** The attempt itself fails of one that cannot be read; its trace does not matter then. */
function readable(payload: Uint8Array): StoredCall | undefined {
  try {
    return decodeCall(payload);
  } catch {
    return undefined;
  }
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(
      Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'),
    );
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function replaced(headers: Fields, replacements: Fields): Record<string, unknown> {
  const others = Object.entries(headers).filter(
    ([name]) => !Object.hasOwn(replacements, name.toLowerCase()),
  );
  return Object.fromEntries([...others, ...Object.entries(replacements)]);
}
