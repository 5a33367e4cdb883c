import type { RetryPolicy } from '../../../manifest/schema.ts';
import { trusted } from '../../platform/assume-type.ts';
import type { Destinations } from '../invocation.ts';
import type { Accepted, NewCall } from '../store.ts';

/**
 * Calls of one function on their way to the store's thread, and in its inbox: one line of JSON,
 * then the payloads one behind the other. As objects they cost the event loop more than reading the
 * requests did.
 */
export interface PackedCalls {
  readonly functionName: string;
  readonly group: Uint8Array<ArrayBuffer>;
  readonly size: number;
  /** Some have an idempotency key: whether it is known has to be answered now. */
  readonly hasKeys: boolean;
}

interface Line {
  /** What is the same in many calls is said once. */
  readonly retries: readonly RetryPolicy[];
  /** In turn: the id of a call, the index of its policy, the bytes of its payload. */
  readonly calls: readonly (string | number)[];
  /** What few calls have, by the index of their call. */
  readonly keys: readonly (readonly [index: number, key: string])[];
  readonly destinations: readonly (readonly [index: number, destinations: Destinations])[];
}

/** The calls that were known already: their id, and the one they were accepted under. */
export type Duplicates = readonly (readonly [id: string, known: string])[];

const lineFeed = 0x0a;

/** A group for each function, in the order of their first calls. */
export function packCalls(calls: readonly NewCall[]): readonly PackedCalls[] {
  const byFunction = new Map<string, NewCall[]>();
  for (const call of calls) {
    const known = byFunction.get(call.functionName);
    if (known === undefined) byFunction.set(call.functionName, [call]);
    else known.push(call);
  }
  return Array.from(byFunction, ([functionName, own]) => pack(functionName, own));
}

function pack(functionName: string, calls: readonly NewCall[]): PackedCalls {
  const retries: RetryPolicy[] = [];
  const packed: (string | number)[] = [];
  const keys: [number, string][] = [];
  const destinations: [number, Destinations][] = [];
  let payloadBytes = 0;
  for (const [index, call] of calls.entries()) {
    let retry = retries.indexOf(call.retry);
    if (retry === -1) retry = retries.push(call.retry) - 1;
    packed.push(call.id, retry, call.payload.byteLength);
    payloadBytes += call.payload.byteLength;
    if (call.idempotencyKey !== undefined) keys.push([index, call.idempotencyKey]);
    if (call.destinations !== undefined) destinations.push([index, call.destinations]);
  }
  const line: Line = { retries, calls: packed, keys, destinations };
  return {
    functionName,
    group: joined(`${JSON.stringify(line)}\n`, calls, payloadBytes),
    size: calls.length,
    hasKeys: keys.length > 0,
  };
}

function joined(
  line: string,
  calls: readonly NewCall[],
  payloadBytes: number,
): Uint8Array<ArrayBuffer> {
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

/**
 * What `packCalls` packed, call by call. Payloads are views. @throws Error when it is not what was
 * packed.
 */
export function unpackCalls(functionName: string, group: Uint8Array): readonly NewCall[] {
  const lineEnd = group.indexOf(lineFeed);
  const { retries, calls, keys, destinations } = trusted<Line>(
    JSON.parse(Buffer.from(group.buffer, group.byteOffset, lineEnd).toString()),
  );
  const keyOf = new Map(keys);
  const destinationsOf = new Map(destinations);
  let end = lineEnd + 1;
  const unpacked = Array.from({ length: calls.length / 3 }, (_, index) => {
    const id = String(calls[index * 3]);
    const retry = retries[Number(calls[index * 3 + 1])];
    if (retry === undefined) throw new Error(`the call ${id} has no retry policy`);
    const begin = end;
    end += Number(calls[index * 3 + 2]);
    return {
      kind: 'call' as const,
      id,
      functionName,
      retry,
      payload: group.subarray(begin, end),
      idempotencyKey: keyOf.get(index),
      destinations: destinationsOf.get(index),
    };
  });
  if (end !== group.byteLength) {
    throw new Error(
      `its payloads have ${group.byteLength - lineEnd - 1} bytes in place of ${end - lineEnd - 1}`,
    );
  }
  return unpacked;
}

export function acceptedOf(calls: readonly NewCall[], duplicates: Duplicates): readonly Accepted[] {
  const knownBy = new Map(duplicates);
  return calls.map(({ id }) => {
    const known = knownBy.get(id);
    return known === undefined ? { id, duplicate: false } : { id: known, duplicate: true };
  });
}
