import process from 'node:process';

type Sqlite = typeof import('node:sqlite');

/**
 * Node's own SQLite. On the versions of Node where it still says that it is experimental, that one warning is kept from the terminal:
 * it tells a user of bgfn nothing they could act on. Other warnings pass.
 */
export function loadSqlite(): Sqlite {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((...args: Parameters<typeof process.emitWarning>) => {
    const [warning] = args;
    if (!String(warning).includes('SQLite is an experimental feature')) {
      Reflect.apply(emitWarning, process, args);
    }
  }) as typeof process.emitWarning;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}
