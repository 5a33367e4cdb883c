/** A regular expression without what looks around or back: all that matters to whether it matches. */
export type Expression =
  | { readonly kind: 'character'; readonly takes: (code: number) => boolean }
  | { readonly kind: 'sequence'; readonly items: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | {
      readonly kind: 'repeat';
      readonly item: Expression;
      readonly least: number;
      readonly most: number;
    };

/** Something that is not known here. */
class UnknownSyntaxError extends Error {
  override readonly name = 'UnknownSyntaxError';
}

/** Each of these is one token; classes and quantifiers are whole ones. */
const tokenPattern =
  /\\[^]|\[(?:\\[^]|[^\]\\])*\]|\(\?:|[()|.^$]|[*+?]\??|\{\d+(?:,\d*)?\}\??|[^]/y;
const asciiCodes = 128;

/**
 * Reads the source of an expression over the whole text (`^…$`); `undefined` when it is none or has
 * something else in it than these kinds.
 */
export function parseExpression(source: string): Expression | undefined {
  const tokens = tokensOf(source);
  if (tokens[0] !== '^' || tokens.at(-1) !== '$') return undefined;
  try {
    const reader = { tokens: tokens.slice(1, -1), at: 0 };
    const sequence = readSequence(reader);
    // An alternative on the outside would not be bound by both ends.
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

function readChoice(reader: Reader): Expression {
  const options = [readSequence(reader)];
  while (reader.tokens[reader.at] === '|') {
    reader.at += 1;
    options.push(readSequence(reader));
  }
  return { kind: 'choice', options };
}

function readSequence(reader: Reader): Expression {
  const items: Expression[] = [];
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

function readOne(reader: Reader, token: string): Expression {
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
  // Assertions, references, named groups, quantifiers of nothing.
  if (token.length > 1 || '^$?*+{}]'.includes(token)) throw new UnknownSyntaxError();
  return literal(token);
}

/**
 * A quantifier behind `item`, if there is one. Whether it is greedy decides what it takes, not
 * whether there is a match.
 */
function readRepeat(reader: Reader, item: Expression): Expression {
  const token = reader.tokens[reader.at] ?? '';
  const [, sign, least, comma, most] = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??$/.exec(token) ?? [];
  if (sign === undefined && least === undefined) return item;
  reader.at += 1;
  if (sign !== undefined) {
    return { kind: 'repeat', item, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
  }
  const from = Number(least);
  return {
    kind: 'repeat',
    item,
    least: from,
    most: comma === undefined ? from : most === '' ? Infinity : Number(most),
  };
}

function literal(character: string): Expression {
  const wanted = character.charCodeAt(0);
  return { kind: 'character', takes: (code) => code === wanted };
}

/** What JavaScript says that a class takes, looked up; paths are ASCII. */
function takesOf(source: string): (code: number) => boolean {
  const expression = new RegExp(`^${source}$`);
  const table = Array.from({ length: asciiCodes }, (_, code) =>
    expression.test(String.fromCharCode(code)),
  );
  return (code) => table[code] ?? expression.test(String.fromCharCode(code));
}
