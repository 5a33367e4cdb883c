import { PathPatternError } from './path-pattern-error.ts';

export type TokenType =
  | 'char'
  | 'escaped'
  | 'name'
  | 'regexp'
  | 'modifier'
  | 'open'
  | 'close'
  | 'asterisk'
  | 'end';

/** A token of the URLPattern standard. */
export interface Token {
  readonly type: TokenType;
  readonly value: string;
}

const plainTokens: ReadonlyMap<string, TokenType> = new Map([
  ['*', 'asterisk'],
  ['+', 'modifier'],
  ['?', 'modifier'],
  ['{', 'open'],
  ['}', 'close'],
]);

const identifierStart = /[\p{ID_Start}$_]/u;
const identifierPart = /[\p{ID_Continue}$\u200C\u200D]/u;

/**
 * Splits a pathname into tokens: "tokenize" of the URLPattern standard.
 *
 * @throws {PathPatternError} When the pattern is not a valid URLPattern pathname
 */
export function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  const chars = Array.from(pattern);
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    const type = plainTokens.get(char);
    if (type !== undefined) {
      tokens.push({ type, value: char });
    } else if (char === '\\') {
      at += 1;
      const escaped = chars[at];
      if (escaped === undefined) throw new PathPatternError('it ends in a lone "\\"');
      tokens.push({ type: 'escaped', value: escaped });
    } else if (char === ':') {
      const name = nameAt(chars, at + 1);
      tokens.push({ type: 'name', value: name });
      at += Array.from(name).length;
    } else if (char === '(') {
      const value = groupExpression(chars, at);
      tokens.push({ type: 'regexp', value });
      at += Array.from(value).length + 1;
    } else {
      tokens.push({ type: 'char', value: char });
    }
  }
  tokens.push({ type: 'end', value: '' });
  return tokens;
}

function nameAt(chars: readonly string[], start: number): string {
  let name = '';
  for (const char of chars.slice(start)) {
    if (!(name === '' ? identifierStart : identifierPart).test(char)) break;
    name += char;
  }
  if (name === '') throw new PathPatternError('a ":" must be followed by a name, such as ":id"');
  return name;
}

function isExpression(source: string): boolean {
  try {
    return new RegExp(source, 'v').flags === 'v';
  } catch {
    return false;
  }
}

/** The text between the "(" at `open` and the matching ")". */
function groupExpression(chars: readonly string[], open: number): string {
  let depth = 1;
  let value = '';
  for (let at = open + 1; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    if (char === '\\') {
      value += char + (chars[at + 1] ?? '');
      at += 1;
      continue;
    }
    if (char === ')') depth -= 1;
    if (depth === 0) {
      if (value === '') throw new PathPatternError('"()" is empty');
      if (value.startsWith('?')) throw new PathPatternError('a group must not start with "?"');
      if (!isExpression(value)) {
        throw new PathPatternError(`"(${value})" is not a valid regular expression`);
      }
      return value;
    }
    if (char === '(') {
      depth += 1;
      if (chars[at + 1] !== '?') {
        throw new PathPatternError('a group inside a group must be written "(?:…)"');
      }
    }
    value += char;
  }
  throw new PathPatternError('a "(" is never closed');
}
