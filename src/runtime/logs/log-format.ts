import type { DatabaseFormat } from '../sqlite/open-database.ts';

/** The numbers by which levels are stored, so that "this level and above" is one comparison. */
export const levelNumbers = { debug: 10, info: 20, warn: 30, error: 40 } as const;

export const logFormat: DatabaseFormat = {
  title: 'log store',
  // "bgfl"
  applicationId: 0x62_67_66_6c,
  migrations: [
    `
CREATE TABLE lines (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  function_name TEXT NOT NULL,
  invocation_id TEXT,
  attempt INTEGER,
  stream TEXT NOT NULL,
  level INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX lines_by_invocation ON lines (invocation_id) WHERE invocation_id IS NOT NULL;
CREATE INDEX lines_by_function ON lines (function_name);
CREATE INDEX lines_by_time ON lines (at_ms);
`,
  ],
};
