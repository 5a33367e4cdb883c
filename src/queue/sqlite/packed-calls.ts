import type { RetryPolicy } from '../../manifest/schema.ts';
import { trusted } from '../../sqlite/trusted.ts';
import type { Destinations } from '../invocation.ts';
import type { Accepted, NewInvocation } from '../store.ts';

/**
 * A group of calls on its way to the store's thread, and in its inbox: one line of JSON, then the payloads one behind the other. As objects they cost the event
 * loop more than reading the requests did.
 */
export interface PackedCalls {
  readonly group: Uint8Array<ArrayBuffer>;
  readonly size: number;
  /** How many are of each function. */
  readonly amounts: Readonly<Record<string, number>>;
  /** Some have an idempotency key: whether it is known has to be answered now. */
  readonly hasKeys: boolean;
}

/** What is the same in many calls is said once. */
type Kind = readonly [functionName: string, retry: RetryPolicy];
interface Line {
  readonly kinds: readonly Kind[];
  /** In turn: the id of a call, its index in `kinds`, the bytes of its payload. */
  readonly calls: readonly (string | number)[];
  /** What few calls have, by the index of their call. */
  readonly keys: readonly (readonly [index: number, key: string])[];
  readonly destinations: readonly (readonly [index: number, destinations: Destinations])[];
}

/** The calls that were known already, by their place in the group: every other one was accepted under its own id. */
export type Duplicates = readonly (readonly [index: number, id: string])[];

const lineFeed = 0x0a;

export function packCalls(calls: readonly NewInvocation[]): PackedCalls {
  const kinds: Kind[] = [];
  const amounts: Record<string, number> = Object.create(null);
  const packed: (string | number)[] = [];
  const keys: [number, string][] = [];
  const destinations: [number, Destinations][] = [];
  let payloadBytes = 0;
  for (const [index, call] of calls.entries()) {
    let kind = kinds.findIndex(([functionName, retry]) => retry === call.retry && functionName === call.functionName);
    if (kind === -1) kind = kinds.push([call.functionName, call.retry]) - 1;
    amounts[call.functionName] = (amounts[call.functionName] ?? 0) + 1;
    packed.push(call.id, kind, call.payload.byteLength);
    payloadBytes += call.payload.byteLength;
    if (call.idempotencyKey !== undefined) keys.push([index, call.idempotencyKey]);
    if (call.destinations !== undefined) destinations.push([index, call.destinations]);
  }
  const line: Line = { kinds, calls: packed, keys, destinations };
  return { group: joined(`${JSON.stringify(line)}\n`, calls, payloadBytes), size: calls.length, amounts, hasKeys: keys.length > 0 };
}

function joined(line: string, calls: readonly NewInvocation[], payloadBytes: number): Uint8Array<ArrayBuffer> {
  let end = Buffer.byteLength(line);
  // Of its own, and not from Buffer's pool: it changes hands.
  const group = new Uint8Array(end + payloadBytes);
  Buffer.from(group.buffer).write(line);
  for (const { payload } of calls) {
    group.set(payload, end);
    end += payload.byteLength;
  }
  return group;
}

/** What `packCalls` packed, call by call. Payloads are views. */
export function unpackCalls(group: Uint8Array): readonly NewInvocation[] {
  const lineEnd = group.indexOf(lineFeed);
  const { kinds, calls, keys, destinations } = trusted<Line>(JSON.parse(Buffer.from(group.buffer, group.byteOffset, lineEnd).toString()));
  const keyOf = new Map(keys);
  const destinationsOf = new Map(destinations);
  let end = lineEnd + 1;
  return Array.from({ length: calls.length / 3 }, (_, index) => {
    const id = String(calls[index * 3]);
    const kind = kinds[Number(calls[index * 3 + 1])];
    if (kind === undefined) throw new Error(`The call ${id} is of no kind.`);
    const begin = end;
    end += Number(calls[index * 3 + 2]);
    const call = { id, functionName: kind[0], retry: kind[1], payload: group.subarray(begin, end) };
    const idempotencyKey = keyOf.get(index);
    const told = destinationsOf.get(index);
    return { ...call, ...(idempotencyKey === undefined ? {} : { idempotencyKey }), ...(told === undefined ? {} : { destinations: told }) };
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
