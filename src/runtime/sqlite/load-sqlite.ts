import type * as Sqlite from 'node:sqlite';

/**
 * Loads Node's own SQLite. Some versions of Node warn that it is experimental. This one warning is
 * suppressed, since a user of bgfn cannot act on it.
 */
export function loadSqlite(): typeof Sqlite {
  const original = Object.getOwnPropertyDescriptor(process, 'emitWarning');
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).includes('SQLite is an experimental feature')) {
      Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  };
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    if (original !== undefined) {
      Object.defineProperty(process, 'emitWarning', original);
    }
  }
}
