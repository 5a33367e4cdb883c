import type { RetryPolicy } from '../../manifest/schema.ts';
import { trusted } from '../../sqlite/trusted.ts';
import type { Destinations } from '../invocation.ts';
import type { Accepted, NewInvocation } from '../store.ts';

/**
 * A group of calls on its way to the store's thread: in columns, what is the same in many once, and all payloads in one buffer that changes hands.
 * As objects they cost the event loop more than reading the requests did.
 */
export interface PackedCalls {
  readonly ids: readonly string[];
  readonly kinds: readonly CallKind[];
  /** Index into `kinds`, for each call. */
  readonly kindOf: readonly number[];
  /** Idempotency keys by the index of their call. */
  readonly keys: readonly (readonly [index: number, key: string])[];
  /** The destinations of the calls that have some, as JSON, by the index of their call. */
  readonly destinations: readonly (readonly [index: number, json: string])[];
  readonly payloads: Uint8Array<ArrayBuffer>;
  /** Where the payload of each call ends; it begins where the one before it ends. */
  readonly ends: readonly number[];
}

/** Calls of one function under one policy. */
export interface CallKind {
  readonly functionName: string;
  readonly retry: RetryPolicy;
}

/** The calls that were known already, by their place in the group: every other one was accepted under its own id. */
export type Duplicates = readonly (readonly [index: number, id: string])[];

export function packCalls(calls: readonly NewInvocation[]): PackedCalls {
  const kinds: CallKind[] = [];
  const ends: number[] = [];
  const keys: [number, string][] = [];
  const told: [number, string][] = [];
  let size = 0;
  const kindOf = calls.map(({ functionName, retry, payload, idempotencyKey, destinations }, index) => {
    size += payload.byteLength;
    ends.push(size);
    if (idempotencyKey !== undefined) keys.push([index, idempotencyKey]);
    if (destinations !== undefined) told.push([index, JSON.stringify(destinations)]);
    const known = kinds.findIndex((kind) => kind.retry === retry && kind.functionName === functionName);
    return known === -1 ? kinds.push({ functionName, retry }) - 1 : known;
  });
  const payloads = new Uint8Array(size);
  for (const [index, { payload }] of calls.entries()) payloads.set(payload, (ends[index] ?? 0) - payload.byteLength);
  return { ids: calls.map(({ id }) => id), kinds, kindOf, keys, destinations: told, payloads, ends };
}

/** What `packCalls` packed, call by call. Payloads are views. */
export function unpackCalls({ ids, kinds, kindOf, keys, destinations, payloads, ends }: PackedCalls): readonly NewInvocation[] {
  const keyOf = new Map(keys);
  const toldOf = new Map(destinations);
  return ids.map((id, index) => {
    const kind = kinds[kindOf[index] ?? 0];
    if (kind === undefined) throw new Error(`The call ${id} is of no kind.`);
    const idempotencyKey = keyOf.get(index);
    const call = { id, functionName: kind.functionName, retry: kind.retry, payload: payloads.subarray(index === 0 ? 0 : ends[index - 1], ends[index]) };
    const told = toldOf.get(index);
    if (idempotencyKey === undefined && told === undefined) return call;
    return { ...call, ...(idempotencyKey === undefined ? {} : { idempotencyKey }), ...(told === undefined ? {} : { destinations: trusted<Destinations>(JSON.parse(told)) }) };
  });
}

export function acceptedOf(calls: readonly NewInvocation[], duplicates: Duplicates): readonly Accepted[] {
  if (duplicates.length === 0) return calls.map(({ id }) => ({ id, duplicate: false }));
  const known = new Map(duplicates);
  return calls.map(({ id }, index) => {
    const first = known.get(index);
    return first === undefined ? { id, duplicate: false } : { id: first, duplicate: true };
  });
}
