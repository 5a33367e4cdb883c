/**
 * The syntax tree of a regular expression without assertions and back references. The tree contains
 * only what decides whether a text matches.
 */
export type PathExpression =
  | { readonly kind: 'character'; readonly takes: (code: number) => boolean }
  | { readonly kind: 'sequence'; readonly items: readonly PathExpression[] }
  | { readonly kind: 'choice'; readonly options: readonly PathExpression[] }
  | {
      readonly kind: 'repeat';
      readonly item: PathExpression;
      readonly least: number;
      readonly most: number;
    };

/** The expression has syntax that `PathExpression` cannot represent. */
class UnknownSyntaxError extends Error {
  override readonly name = 'UnknownSyntaxError';
}

/** Matches one token. A class, a quantifier and an escape are one token each. */
const tokenPattern =
  /\\[^]|\[(?:\\[^]|[^\]\\])*\]|\(\?:|[()|.^$]|[*+?]\??|\{\d+(?:,\d*)?\}\??|[^]/y;
const asciiCodes = 128;

/**
 * Parses the source of an expression that matches whole texts (`^…$`). Returns `undefined` for any
 * other expression, and for syntax that `PathExpression` cannot represent.
 */
export function parseExpression(source: string): PathExpression | undefined {
  const tokens = tokensOf(source);
  if (tokens[0] !== '^' || tokens.at(-1) !== '$') return undefined;
  try {
    const reader = { tokens: tokens.slice(1, -1), at: 0 };
    const sequence = readSequence(reader);
    // Tokens are left if an alternative is outside of a group: neither part of `^a|b$` has to match
    // the whole text.
    return reader.at === reader.tokens.length ? sequence : undefined;
  } catch (error) {
    if (error instanceof UnknownSyntaxError) return undefined;
    throw error;
  }
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

function tokensOf(source: string): readonly string[] {
  return source.match(new RegExp(tokenPattern, 'gy')) ?? [];
}

function readChoice(reader: Reader): PathExpression {
  const options = [readSequence(reader)];
  while (reader.tokens[reader.at] === '|') {
    reader.at += 1;
    options.push(readSequence(reader));
  }
  return { kind: 'choice', options };
}

function readSequence(reader: Reader): PathExpression {
  const items: PathExpression[] = [];
  for (
    let token = reader.tokens[reader.at];
    token !== undefined && token !== '|' && token !== ')';
    token = reader.tokens[reader.at]
  ) {
    reader.at += 1;
    items.push(readRepeat(reader, readOne(reader, token)));
  }
  return { kind: 'sequence', items };
}

/** Reads a group, a class or a character, whose first token is `token`. */
function readOne(reader: Reader, token: string): PathExpression {
  if (token === '(' || token === '(?:') {
    const inner = readChoice(reader);
    if (reader.tokens[reader.at] !== ')') throw new UnknownSyntaxError();
    reader.at += 1;
    return inner;
  }
  if (token === '.' || token.startsWith('[') || /^\\[dDwWsS]$/.test(token)) {
    return { kind: 'character', takes: takesOf(token) };
  }
  if (/^\\[^0-9A-Za-z]$/.test(token)) return literal(token.slice(1));
  // The remaining tokens are assertions, back references, named groups, and quantifiers without an
  // item.
  if (token.length > 1 || '^$?*+{}]'.includes(token)) throw new UnknownSyntaxError();
  return literal(token);
}

/**
 * Reads the quantifier behind `item`, if there is one. Greediness is ignored: it affects which
 * characters a part takes, but not whether the text matches.
 */
function readRepeat(reader: Reader, item: PathExpression): PathExpression {
  const token = reader.tokens[reader.at] ?? '';
  const [, sign, least, comma, most] = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??$/.exec(token) ?? [];
  if (sign === undefined && least === undefined) return item;
  reader.at += 1;
  if (sign !== undefined) {
    return { kind: 'repeat', item, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
  }
  const fewest = Number(least);
  if (comma === undefined) return { kind: 'repeat', item, least: fewest, most: fewest };
  return { kind: 'repeat', item, least: fewest, most: most === '' ? Infinity : Number(most) };
}

function literal(character: string): PathExpression {
  const wanted = character.charCodeAt(0);
  return { kind: 'character', takes: (code) => code === wanted };
}

/**
 * Returns whether a class matches a character, by JavaScript's own rules. Paths are ASCII, so the
 * results for ASCII are computed once.
 */
function takesOf(source: string): (code: number) => boolean {
  const expression = new RegExp(`^${source}$`);
  const table = Array.from({ length: asciiCodes }, (_, code) =>
    expression.test(String.fromCharCode(code)),
  );
  return (code) => table[code] ?? expression.test(String.fromCharCode(code));
}
