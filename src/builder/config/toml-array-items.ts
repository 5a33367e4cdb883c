/** A part of a TOML text that is not structure: a comment, or a string of one of the four kinds. */
const commentOrString =
  /#[^\n]*|"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[[\],{}]|[^\s#"'[\],{}]+/g;

/** A range of characters of a text. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds an item of the array that begins at or after an offset of a valid TOML text. Undefined when
 * there is no array, when it has no such item, or when the item is an array or a table.
 */
export function arrayItemAt(source: string, offset: number, index: number): TextRange | undefined {
  let depth = 0;
  let item = 0;
  for (const match of source.slice(offset).matchAll(commentOrString)) {
    const [text] = match;
    if (text.startsWith('#')) continue;
    if (text === '[' || text === '{') {
      depth += 1;
    } else if (text === ']' || text === '}') {
      depth -= 1;
    } else if (text === ',' && depth === 1) {
      item += 1;
    } else if (depth === 1 && item === index) {
      const start = offset + match.index;
      return { start, end: start + text.length };
    }
    if (depth === 0) return undefined;
  }
  return undefined;
}
