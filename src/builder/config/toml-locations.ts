import { parse } from 'smol-toml';
import type { SourceLocation } from '../../diagnostic/diagnostic.ts';
import { locate } from '../../diagnostic/locate.ts';
import { arrayItemAt } from './toml-array-items.ts';

interface KeyPlace {
  readonly keys: readonly string[];
  readonly location: SourceLocation;
  /** Offset behind the `=` of an assignment; undefined for the header of a table. */
  readonly valueAt: number | undefined;
}

/**
 * Finds the locations of keys in a valid TOML text, because the parser keeps no positions. Reads
 * table headers and `key = value` lines. A key inside an inline table has the location of the key
 * whose value is the inline table; an item of an array has its own.
 *
 * @returns A function that takes the keys that lead to a value, and returns the location of the
 *   value or of the nearest key around it
 */
export function locateTomlKeys(
  file: string,
  source: string,
): (keys: readonly (string | number)[]) => SourceLocation | undefined {
  const places = placesIn(file, source);
  return (keys) => {
    for (let length = keys.length; length > 0; length -= 1) {
      const wanted = keys.slice(0, length);
      const found = places.find(
        (place) =>
          place.keys.length === length &&
          place.keys.every((key, index) => key === String(wanted[index])),
      );
      if (found === undefined) continue;
      const item = keys[length];
      const range =
        typeof item === 'number' && found.valueAt !== undefined
          ? arrayItemAt(source, found.valueAt, item)
          : undefined;
      return range === undefined ? found.location : locate(file, source, range.start, range.end);
    }
    return undefined;
  };
}

function placesIn(file: string, source: string): readonly KeyPlace[] {
  const places: KeyPlace[] = [];
  let table: readonly string[] = [];
  let lineStart = 0;
  for (const [index, text] of source.split('\n').entries()) {
    const start = lineStart;
    lineStart += text.length + 1;
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
    const keys = keysIn(keyText);
    if (keys === undefined) continue;
    if (header !== null) table = keys;
    const location = {
      file,
      line: index + 1,
      column: indent + 1,
      length: text.trim().replace(/\s*#.*$/, '').length,
    };
    const valueAt = assignment === null ? undefined : start + indent + assignment[0].length;
    places.push({ keys: header === null ? [...table, ...keys] : table, location, valueAt });
  }
  return places;
}

/** The parts of a dotted key such as `functions."a b".timeout`, read by the TOML parser itself. */
function keysIn(keyText: string): string[] | undefined {
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
