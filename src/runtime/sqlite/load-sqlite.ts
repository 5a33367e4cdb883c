import type * as Sqlite from 'node:sqlite';

/**
 * Node's own SQLite. Some versions of Node warn that it is experimental: that one warning is kept
 * from the terminal, since a user of bgfn cannot act on it. Other warnings pass.
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
