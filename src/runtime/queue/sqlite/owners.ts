import type { DatabaseSync } from 'node:sqlite';
import type { OwnerRecord } from '../store.ts';

/** The processes that claim from this file, and the check whether the file can be written. */
export class QueueOwners {
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(db: DatabaseSync) {
    this.#statements = prepareStatements(db);
  }

  register(owner: OwnerRecord): void {
    this.#statements.register.run(
      owner.id,
      owner.place,
      owner.pid,
      owner.processStart,
      owner.registeredAtMs,
    );
  }

  /** Removes the owners that hold no lease. */
  remove(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#statements.leaseOf.get(id) === undefined) this.#statements.remove.run(id);
    }
  }

  list(): OwnerRecord[] {
    return this.#statements.all.all().map((row) => ({
      id: String(row['id']),
      place: String(row['place']),
      pid: Number(row['pid']),
      processStart: String(row['process_start']),
      registeredAtMs: Number(row['registered_at_ms']),
    }));
  }

  /** Writes an owner that does not exist, and deletes it again. */
  probe(): void {
    const id = 'probe';
    this.register({ id, place: '', pid: 0, processStart: '', registeredAtMs: 0 });
    this.#statements.remove.run(id);
  }
}

function prepareStatements(db: DatabaseSync) {
  return {
    register: db.prepare(
      `INSERT OR REPLACE INTO owners (id, place, pid, process_start, registered_at_ms)
       VALUES (?, ?, ?, ?, ?)`,
    ),
    remove: db.prepare('DELETE FROM owners WHERE id = ?'),
    leaseOf: db.prepare(
      `SELECT seq FROM invocations INDEXED BY invocations_leased
       WHERE state = 'running' AND lease_owner = ? LIMIT 1`,
    ),
    all: db.prepare('SELECT * FROM owners'),
  };
}
