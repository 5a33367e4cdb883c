import type { RetryPolicy } from '../../../manifest/schema.ts';
import { assumeType } from '../../platform/assume-type.ts';
import type { CallDestinations } from '../invocation.ts';
import type { Accepted, NewCall } from '../store.ts';

/**
 * Calls of one function that came together, encoded in one buffer for the message to the store's
 * thread and for its inbox. To pass them as objects takes the event loop more time than to read
 * their requests.
 */
export interface CallGroup {
  readonly functionName: string;
  /** One line of JSON (`GroupHead`), followed by the payloads. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The number of calls. */
  readonly size: number;
  /** Whether a call has an idempotency key, which must be looked up before the accept is answered. */
  readonly hasKeys: boolean;
}

interface GroupHead {
  /** Each distinct policy object once: the calls of a function usually share one. */
  readonly retries: readonly RetryPolicy[];
  /** For each call in turn: its id, the index of its policy, the length of its payload in bytes. */
  readonly calls: readonly (string | number)[];
  /** The idempotency keys of the calls that have one, by the index of the call. */
  readonly keys: readonly (readonly [index: number, key: string])[];
  readonly destinations: readonly (readonly [index: number, destinations: CallDestinations])[];
}

/** The calls that were known already: their id, and the id under which the call was accepted first. */
export type Duplicates = readonly (readonly [id: string, known: string])[];

const lineFeed = 0x0a;

/** Forms one group for each function, in the order of their first calls. */
export function groupCalls(calls: readonly NewCall[]): readonly CallGroup[] {
  const byFunction = new Map<string, NewCall[]>();
  for (const call of calls) {
    const known = byFunction.get(call.functionName);
    if (known === undefined) byFunction.set(call.functionName, [call]);
    else known.push(call);
  }
  return Array.from(byFunction, ([functionName, own]) => groupOf(functionName, own));
}

function groupOf(functionName: string, calls: readonly NewCall[]): CallGroup {
  const retries: RetryPolicy[] = [];
  const described: (string | number)[] = [];
  const keys: [number, string][] = [];
  const destinations: [number, CallDestinations][] = [];
  let payloadBytes = 0;
  for (const [index, call] of calls.entries()) {
    let retry = retries.indexOf(call.retry);
    if (retry === -1) retry = retries.push(call.retry) - 1;
    described.push(call.id, retry, call.payload.byteLength);
    payloadBytes += call.payload.byteLength;
    if (call.idempotencyKey !== undefined) keys.push([index, call.idempotencyKey]);
    if (call.destinations !== undefined) destinations.push([index, call.destinations]);
  }
  const head: GroupHead = { retries, calls: described, keys, destinations };
  return {
    functionName,
    bytes: joined(`${JSON.stringify(head)}\n`, calls, payloadBytes),
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
  // A separate buffer, not a part of Buffer's pool, because it is transferred to the thread.
  const bytes = new Uint8Array(end + payloadBytes);
  Buffer.from(bytes.buffer).write(line);
  for (const { payload } of calls) {
    bytes.set(payload, end);
    end += payload.byteLength;
  }
  return bytes;
}

/**
 * Decodes the calls of a group. Their payloads are views of its bytes.
 *
 * @throws {Error} When the bytes are not those of a group.
 */
export function callsOf(functionName: string, bytes: Uint8Array): readonly NewCall[] {
  const lineEnd = bytes.indexOf(lineFeed);
  const { retries, calls, keys, destinations } = assumeType<GroupHead>(
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, lineEnd).toString()),
  );
  const keyOf = new Map(keys);
  const destinationsOf = new Map(destinations);
  let end = lineEnd + 1;
  const unpacked = Array.from({ length: calls.length / 3 }, (_, index): NewCall => {
    const id = String(calls[index * 3]);
    const retry = retries[Number(calls[index * 3 + 1])];
    if (retry === undefined) throw new Error(`the call ${id} has no retry policy`);
    const begin = end;
    end += Number(calls[index * 3 + 2]);
    return {
      kind: 'call',
      id,
      functionName,
      retry,
      payload: bytes.subarray(begin, end),
      idempotencyKey: keyOf.get(index),
      destinations: destinationsOf.get(index),
    };
  });
  if (end !== bytes.byteLength) {
    throw new Error(
      `its payloads have ${bytes.byteLength - lineEnd - 1} bytes in place of ${end - lineEnd - 1}`,
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
