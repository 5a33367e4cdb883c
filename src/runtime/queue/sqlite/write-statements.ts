import type { DatabaseSync } from 'node:sqlite';
import { updateSql } from './rows.ts';

/** Functions that have something queued: a handful of rows, however much is queued. */
export const queuedFunctionsSql = `SELECT DISTINCT function_name AS name FROM counts WHERE state IN ('queued', 'inbox') AND amount > 0`;

/**
 * What `QueueWrites` says to the database; each goes along an index
 * (test/runtime/queue/sqlite/plans.test.ts).
 */
export function prepareWrites(db: DatabaseSync) {
  return {
    byId: db.prepare('SELECT * FROM invocations WHERE id = ?'),
    update: db.prepare(updateSql),
    attempts: db.prepare('SELECT * FROM attempts WHERE seq = ? ORDER BY ordinal'),
    queuedFunctions: db.prepare(queuedFunctionsSql),
    dueOf: db.prepare(
      `SELECT seq, available_at_ms FROM invocations INDEXED BY invocations_due WHERE state = 'queued' AND function_name = ? AND available_at_ms <= ?
       ORDER BY available_at_ms, seq LIMIT ?`,
    ),
    kindOf: db.prepare('SELECT outcome_of FROM invocations WHERE seq = ?'),
    countOf: db.prepare('SELECT amount FROM counts WHERE function_name = ? AND state = ?'),
    withPayload: db.prepare(
      'SELECT i.*, p.payload FROM invocations i JOIN payloads p USING (seq) WHERE seq = ?',
    ),
    extend: db.prepare('UPDATE invocations SET lease_expires_at_ms = ? WHERE seq = ?'),
    startAttempt: db.prepare(
      `INSERT INTO attempts (seq, ordinal, number, started_at_ms, outcome)
       VALUES (?, (SELECT coalesce(max(ordinal), 0) + 1 FROM attempts WHERE seq = ?), ?, ?, 'running')`,
    ),
    endAttempt: db.prepare(
      `UPDATE attempts SET finished_at_ms = ?, outcome = ?, error = ? WHERE seq = ? AND outcome = 'running'`,
    ),
    expired: db.prepare(
      `SELECT * FROM invocations INDEXED BY invocations_leased WHERE state = 'running' AND lease_expires_at_ms <= ?`,
    ),
    ownedBy: db.prepare(
      `SELECT * FROM invocations INDEXED BY invocations_leased WHERE state = 'running' AND lease_owner = ?`,
    ),
    ended: db.prepare(
      'SELECT seq FROM invocations INDEXED BY invocations_ended WHERE finished_at_ms < ? AND finished_at_ms IS NOT NULL AND state IN (SELECT value FROM json_each(?)) LIMIT ?',
    ),
    dropPayload: db.prepare('DELETE FROM payloads WHERE seq = ?'),
    dropAttempts: db.prepare('DELETE FROM attempts WHERE seq = ?'),
    drop: db.prepare('DELETE FROM invocations WHERE seq = ?'),
    registerOwner: db.prepare(
      'INSERT OR REPLACE INTO owners (id, place, pid, process_start, registered_at_ms) VALUES (?, ?, ?, ?, ?)',
    ),
    removeOwner: db.prepare('DELETE FROM owners WHERE id = ?'),
  };
}

/** What `Intake` says to it. */
export function prepareIntake(db: DatabaseSync) {
  return {
    byKey: db.prepare('SELECT id FROM invocations WHERE function_name = ? AND idempotency_key = ?'),
    insert: db.prepare(
      `INSERT INTO invocations (seq, id, function_name, state, accepted_at_ms, attempt, retry, idempotency_key, available_at_ms, destinations, outcome_of)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    ),
    anyBetween: db.prepare('SELECT seq FROM invocations WHERE seq BETWEEN ? AND ? LIMIT 1'),
    insertPayload: db.prepare('INSERT INTO payloads (seq, payload) VALUES (?, ?)'),
  };
}
