import type { DatabaseSync } from 'node:sqlite';
import type { RetryPolicy } from '../../../manifest/schema.ts';
import { assumeType } from '../../platform/assume-type.ts';
import type {
  CallDestinations,
  AttemptError,
  AttemptRecord,
  Invocation,
  InvocationKind,
  InvocationStateName,
} from '../invocation.ts';

/** A row of `invocations`. The table is STRICT, so its values have these types. */
export interface InvocationRow {
  readonly seq: number;
  readonly id: string;
  readonly function_name: string;
  readonly outcome_of: string | null;
  readonly state: InvocationStateName;
  readonly accepted_at_ms: number;
  readonly replayed_at_ms: number | null;
  readonly attempt: number;
  readonly retry: string;
  readonly idempotency_key: string | null;
  readonly available_at_ms: number | null;
  readonly lease_owner: string | null;
  readonly lease_token: string | null;
  readonly lease_expires_at_ms: number | null;
  readonly started_at_ms: number | null;
  readonly finished_at_ms: number | null;
  readonly last_error: string | null;
  readonly destinations: string | null;
}

/** A row of `attempts`. */
export interface AttemptRow {
  readonly number: number;
  readonly started_at_ms: number;
  readonly finished_at_ms: number | null;
  readonly outcome: AttemptRecord['outcome'];
  readonly error: string | null;
}

export function invocationOf(row: InvocationRow): Invocation {
  const base = {
    ...kindOf(row),
    id: row.id,
    functionName: row.function_name,
    acceptedAtMs: row.accepted_at_ms,
    attempt: row.attempt,
    retry: assumeType<RetryPolicy>(JSON.parse(row.retry)),
    idempotencyKey: row.idempotency_key ?? undefined,
    replayedAtMs: row.replayed_at_ms ?? undefined,
  };
  switch (row.state) {
    case 'queued':
      return {
        ...base,
        state: 'queued',
        availableAtMs: present(row, 'available_at_ms'),
        lastError: errorOf(row.last_error),
      };
    case 'running':
      return {
        ...base,
        state: 'running',
        startedAtMs: present(row, 'started_at_ms'),
        lease: {
          owner: present(row, 'lease_owner'),
          token: present(row, 'lease_token'),
          expiresAtMs: present(row, 'lease_expires_at_ms'),
        },
        lastError: errorOf(row.last_error),
      };
    case 'failed':
      return {
        ...base,
        state: 'failed',
        finishedAtMs: present(row, 'finished_at_ms'),
        lastError: assumeType<AttemptError>(JSON.parse(present(row, 'last_error'))),
      };
    case 'succeeded':
    case 'cancelled':
      return { ...base, state: row.state, finishedAtMs: present(row, 'finished_at_ms') };
  }
}

/** Reads the kind of an invocation from the column `outcome_of`. */
export function kindOf({
  outcome_of: outcomeOf,
}: Pick<InvocationRow, 'outcome_of'>): InvocationKind {
  return outcomeOf === null ? { kind: 'call' } : { kind: 'delivery', outcomeOf };
}

function present<Key extends keyof InvocationRow>(
  row: InvocationRow,
  key: Key,
): NonNullable<InvocationRow[Key]> {
  const value = row[key];
  if (value === null) {
    throw new Error(`Invocation ${row.id} is ${row.state} without ${key}.`);
  }
  return value;
}

function errorOf(json: string | null): AttemptError | undefined {
  return json === null ? undefined : assumeType<AttemptError>(JSON.parse(json));
}

/** Reads the destinations of a call, which are not a part of the invocation that people see. */
export function destinationsOf(row: InvocationRow): CallDestinations | undefined {
  return row.destinations === null
    ? undefined
    : assumeType<CallDestinations>(JSON.parse(row.destinations));
}

export function attemptOf(row: AttemptRow): AttemptRecord {
  return {
    number: row.number,
    startedAtMs: row.started_at_ms,
    outcome: row.outcome,
    finishedAtMs: row.finished_at_ms ?? undefined,
    error: errorOf(row.error),
  };
}

/** Prepares the one statement that writes the fields that a transition may change. */
export function prepareSave(db: DatabaseSync): (seq: number, invocation: Invocation) => void {
  const update = db.prepare(
    `UPDATE invocations SET state = ?, attempt = ?, replayed_at_ms = ?, available_at_ms = ?,
       lease_owner = ?, lease_token = ?, lease_expires_at_ms = ?, started_at_ms = ?,
       finished_at_ms = ?, last_error = ?
     WHERE seq = ?`,
  );
  return (seq, invocation) => {
    const lease = invocation.state === 'running' ? invocation.lease : undefined;
    const lastError = 'lastError' in invocation ? invocation.lastError : undefined;
    update.run(
      invocation.state,
      invocation.attempt,
      invocation.replayedAtMs ?? null,
      invocation.state === 'queued' ? invocation.availableAtMs : null,
      lease?.owner ?? null,
      lease?.token ?? null,
      lease?.expiresAtMs ?? null,
      invocation.state === 'running' ? invocation.startedAtMs : null,
      'finishedAtMs' in invocation ? invocation.finishedAtMs : null,
      lastError === undefined ? null : JSON.stringify(lastError),
      seq,
    );
  };
}
