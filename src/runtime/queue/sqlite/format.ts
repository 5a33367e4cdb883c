import type { DatabaseFormat } from '../../sqlite/open-database.ts';

/**
 * The tables of the queue's file. `seq` is the order of acceptance. Payloads are in a separate
 * table, so that a scan of invocations does not read them. Each partial index contains only the
 * queued, the running or the ended invocations, so the indices of claims and rescues stay small
 * however long the history is. `counts` is kept by triggers (and by inbox.ts), so that statistics
 * cost the same with ten invocations and with ten million.
 */
export const queueFormat: DatabaseFormat = {
  title: 'queue store',
  // "bgfq"
  applicationId: 0x62_67_66_71,
  migrations: [
    `
CREATE TABLE invocations (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  function_name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  accepted_at_ms INTEGER NOT NULL,
  replayed_at_ms INTEGER,
  attempt INTEGER NOT NULL,
  retry TEXT NOT NULL,
  idempotency_key TEXT,
  available_at_ms INTEGER,
  lease_owner TEXT,
  lease_token TEXT,
  lease_expires_at_ms INTEGER,
  started_at_ms INTEGER,
  finished_at_ms INTEGER,
  last_error TEXT
) STRICT;
CREATE UNIQUE INDEX invocations_by_key ON invocations (function_name, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX invocations_due ON invocations (function_name, available_at_ms) WHERE state = 'queued';
CREATE INDEX invocations_leased ON invocations (lease_expires_at_ms) WHERE state = 'running';
CREATE INDEX invocations_ended ON invocations (finished_at_ms) WHERE finished_at_ms IS NOT NULL;
CREATE INDEX invocations_by_state ON invocations (state);
CREATE INDEX invocations_by_function ON invocations (function_name);

CREATE TABLE payloads (
  seq INTEGER PRIMARY KEY REFERENCES invocations (seq),
  payload BLOB NOT NULL
) STRICT;

CREATE TABLE attempts (
  seq INTEGER NOT NULL REFERENCES invocations (seq),
  ordinal INTEGER NOT NULL,
  number INTEGER NOT NULL,
  started_at_ms INTEGER NOT NULL,
  finished_at_ms INTEGER,
  outcome TEXT NOT NULL CHECK (outcome IN ('running', 'succeeded', 'failed', 'cancelled', 'released')),
  error TEXT,
  PRIMARY KEY (seq, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE owners (
  id TEXT PRIMARY KEY,
  place TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process_start TEXT NOT NULL,
  registered_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counts (
  function_name TEXT NOT NULL,
  state TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (function_name, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER count_accepted AFTER INSERT ON invocations BEGIN
  INSERT INTO counts VALUES (new.function_name, new.state, 1) ON CONFLICT DO UPDATE SET amount = amount + 1;
END;
CREATE TRIGGER count_moved AFTER UPDATE OF state ON invocations WHEN old.state <> new.state BEGIN
  UPDATE counts SET amount = amount - 1 WHERE function_name = old.function_name AND state = old.state;
  INSERT INTO counts VALUES (new.function_name, new.state, 1) ON CONFLICT DO UPDATE SET amount = amount + 1;
END;
CREATE TRIGGER count_purged AFTER DELETE ON invocations BEGIN
  UPDATE counts SET amount = amount - 1 WHERE function_name = old.function_name AND state = old.state;
END;
`,
    // The destinations of a call.
    `ALTER TABLE invocations ADD COLUMN destinations TEXT;`,
    // Groups of calls that came in a flood (call-group.ts). `seq` is the number of the first call;
    // a group takes as many numbers as it has calls.
    `CREATE TABLE inbox (
  seq INTEGER PRIMARY KEY,
  function_name TEXT NOT NULL,
  accepted_at_ms INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  calls BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_by_function ON inbox (function_name);`,
    // The kind of an invocation: the column is NULL for calls. Before, deliveries were recognized
    // by their name only. A process of an earlier version that still has the file open adds
    // deliveries with NULL: they are delivered like the others, but take slots like calls.
    `ALTER TABLE invocations ADD COLUMN outcome_of TEXT;
UPDATE invocations SET outcome_of = substr(function_name, 1, length(function_name) - length(':destination'))
WHERE function_name IN (SELECT function_name FROM counts WHERE substr(function_name, -length(':destination')) = ':destination');`,
  ],
};
