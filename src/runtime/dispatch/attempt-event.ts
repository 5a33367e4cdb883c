import { buildEvent, encodeEvent, type SiteHeaders } from '../calls/event.ts';
import { decodeCall, type StoredCall } from '../calls/stored-call.ts';
import type { Invocation } from '../queue/invocation.ts';
import type { TraceHeaders } from '../tracing/trace-context.ts';

type Fields = Readonly<Record<string, unknown>>;

export interface AttemptFacts {
  readonly invocationId: string;
  /** From 1. */
  readonly attempt: number;
  readonly site: SiteHeaders;
  /** Replaces the trace of the stored call: the function's spans are children of the attempt. */
  readonly trace: TraceHeaders | undefined;
}

/** Builds the event for the worker from the stored call and the facts of the attempt. */
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
        trace: trace ?? facts.trace,
      }),
    );
  }
  return withReplacedHeaders(payload, {
    ...(attempt === 1 ? {} : { 'x-bgfn-attempt': String(attempt) }),
    ...trace,
  });
}

/**
 * Reads the fields of a stored payload that contain its trace. A delivery has these fields beside
 * its body, a call in its head, and an event that an earlier version stored among its headers.
 */
export function traceHeadersOf(kind: Invocation['kind'], payload: Uint8Array): Fields {
  if (kind === 'delivery') return fieldsOf(parseJson(payload));
  const call = readCall(payload);
  return call === undefined ? fieldsOf(fieldsOf(parseJson(payload))['headers']) : { ...call.trace };
}

/**
 * Replaces headers of a stored event, in `headers` and in `multiValueHeaders`; earlier versions of
 * bgfn stored the event instead of the call. A payload that is not a JSON object with headers is
 * returned unchanged.
 */
function withReplacedHeaders(
  payload: Uint8Array,
  replacements: Readonly<Record<string, string>>,
): Uint8Array {
  if (Object.keys(replacements).length === 0) {
    return payload;
  }
  const event = parseJson(payload);
  if (!isObject(event) || !isObject(event['headers'])) {
    return payload;
  }
  const patched: Record<string, unknown> = {
    ...event,
    headers: replaceFields(event['headers'], replacements),
  };
  if (isObject(event['multiValueHeaders'])) {
    patched['multiValueHeaders'] = replaceFields(
      event['multiValueHeaders'],
      Object.fromEntries(Object.entries(replacements).map(([name, value]) => [name, [value]])),
    );
  }
  return Buffer.from(JSON.stringify(patched));
}

/** Returns `undefined` for an unreadable call as well: its attempt fails in any case. */
function readCall(payload: Uint8Array): StoredCall | undefined {
  try {
    return decodeCall(payload);
  } catch {
    return undefined;
  }
}

function parseJson(payload: Uint8Array): unknown {
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

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function replaceFields(headers: Fields, replacements: Fields): Record<string, unknown> {
  const others = Object.entries(headers).filter(
    ([name]) => !Object.hasOwn(replacements, name.toLowerCase()),
  );
  return Object.fromEntries([...others, ...Object.entries(replacements)]);
}
