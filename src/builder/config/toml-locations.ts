import { parse } from 'smol-toml';
import type { SourceLocation } from '../../diagnostic/diagnostic.ts';

interface KeyPlace {
  readonly path: readonly string[];
  readonly location: SourceLocation;
}

/**
 * Finds where a key stands in a TOML text that has parsed; the parser itself keeps no positions.
 * Reads table headers and `key = value` lines; a key inside an inline table is placed at the line
 * of its outer key.
 *
 * @returns A function from a key path to its place, or to the place of the nearest key around it
 */
export function locateTomlKeys(
  file: string,
  source: string,
): (path: readonly (string | number)[]) => SourceLocation | undefined {
  const places: KeyPlace[] = [];
  let table: readonly string[] = [];
  for (const [index, text] of source.split('\n').entries()) {
    const indent = text.length - text.trimStart().length;
    const header = /^\[\[?(.+?)\]\]?\s*(?:#.*)?$/.exec(text.trim());
    const assignment =
      header === null
        ? /^((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=/.exec(
            text.trim(),
          )
        : null;
    const keyText = header?.[1] ?? assignment?.[1];
    if (keyText === undefined) continue;
    const keys = keyPath(keyText);
    if (keys === undefined) continue;
    if (header !== null) table = keys;
    const location = {
      file,
      line: index + 1,
      column: indent + 1,
      length: text.trim().replace(/\s*#.*$/, '').length,
    };
    places.push({ path: header === null ? [...table, ...keys] : table, location });
  }
  return (path) => {
    for (let length = path.length; length > 0; length -= 1) {
      const wanted = path.slice(0, length);
      const found = places.find(
        (place) =>
          place.path.length === length &&
          place.path.every((key, index) => key === String(wanted[index])),
      );
      if (found !== undefined) return found.location;
    }
    return undefined;
  };
}

/** `functions."a b".timeout` → its parts, read by the TOML parser itself. */
function keyPath(keyText: string): string[] | undefined {
  try {
    let value: unknown = parse(`${keyText} = 0`);
    const keys: string[] = [];
    while (typeof value === 'object' && value !== null) {
      const entry = Object.entries(value)[0];
      if (entry === undefined) break;
      keys.push(entry[0]);
      value = entry[1];
    }
    return keys;
  } catch {
    return undefined;
  }
}
