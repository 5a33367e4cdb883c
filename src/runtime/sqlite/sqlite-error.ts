/** The meaning of an SQLite error for the caller. */
export type SqliteFault =
  /** The medium cannot be read or written at the moment. */
  | 'unavailable'
  /** The file is not a database, or is damaged. */
  | 'corrupt'
  /** Any other error, which is a bug of ours. */
  | 'bug';

/** Primary result codes, from https://sqlite.org/rescode.html. */
const codes = {
  perm: 3,
  busy: 5,
  locked: 6,
  nomem: 7,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  protocol: 15,
  auth: 23,
  notadb: 26,
} as const;

const unavailable: ReadonlySet<number> = new Set([
  codes.perm,
  codes.busy,
  codes.locked,
  codes.nomem,
  codes.readonly,
  codes.ioerr,
  codes.full,
  codes.cantopen,
  codes.protocol,
  codes.auth,
]);

export function classifySqliteError(error: unknown): SqliteFault {
  const extended = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  const primary = extended & 0xff;
  if (primary === codes.corrupt || primary === codes.notadb) {
    return 'corrupt';
  }
  return unavailable.has(primary) ? 'unavailable' : 'bug';
}
