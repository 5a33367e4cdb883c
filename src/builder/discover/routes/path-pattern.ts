/**
 * Compiles the pathname part of the URLPattern standard into a regular expression source. Netlify's
 * manifest wants the expression itself, and the platform's `URLPattern` (which Node 22 lacks) does
 * not show it. Follows "parse a pattern string" and "generate a regular expression" of
 * https://urlpattern.spec.whatwg.org.
 */

type Token =
  | {
      readonly type: 'char' | 'escaped' | 'name' | 'regexp' | 'modifier';
      readonly value: string;
      readonly at: number;
    }
  | {
      readonly type: 'open' | 'close' | 'asterisk' | 'end';
      readonly value: string;
      readonly at: number;
    };

interface Part {
  /** The name of the group, a number for one without a name. */
  readonly name?: string;
  /** Undefined: fixed text, held in `prefix`. */
  readonly group: string | undefined;
  readonly prefix: string;
  readonly suffix: string;
  readonly modifier: string;
}

export interface CompiledPath {
  /** Set when the pattern has no group: the one path it matches. */
  readonly literal?: string;
  /** Source over the whole path, without `^` and `$`. */
  readonly expression: string;
  /**
   * The name of each capture group of `expression`, in order; those without a name are numbered
   * from 0.
   */
  readonly groups: readonly string[];
}

/** What is wrong with a pattern, in the author's terms. */
export class PathPatternError extends Error {
  override readonly name = 'PathPatternError';
}

const segment = String.raw`[^\/]+?`;
const identifierStart = /[\p{ID_Start}$_]/u;
const identifierPart = /[\p{ID_Continue}$\u200C\u200D]/u;

/**
 * @param pattern Starts with `/`
 * @throws {PathPatternError} When the pattern is not a valid URLPattern pathname
 */
export function compilePath(pattern: string): CompiledPath {
  const parts = parse(tokenize(pattern));
  const expression = parts.map((part) => partExpression(part)).join('');
  const fixed = parts.every(({ group, modifier }) => group === undefined && modifier === '');
  const groups = parts.flatMap(({ name }) => name ?? []);
  return fixed
    ? { literal: parts.map(({ prefix }) => prefix).join(''), expression, groups }
    : { expression, groups };
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  const chars = Array.from(pattern);
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    if (char === '*') {
      tokens.push({ type: 'asterisk', value: char, at });
    } else if (char === '+' || char === '?') {
      tokens.push({ type: 'modifier', value: char, at });
    } else if (char === '{') {
      tokens.push({ type: 'open', value: char, at });
    } else if (char === '}') {
      tokens.push({ type: 'close', value: char, at });
    } else if (char === '\\') {
      at += 1;
      const escaped = chars[at];
      if (escaped === undefined) throw new PathPatternError('it ends in a lone "\\"');
      tokens.push({ type: 'escaped', value: escaped, at });
    } else if (char === ':') {
      let name = '';
      for (
        let next = chars[at + 1];
        next !== undefined && (name === '' ? identifierStart : identifierPart).test(next);
        next = chars[at + 1]
      ) {
        name += next;
        at += 1;
      }
      if (name === '') {
        throw new PathPatternError('a ":" must be followed by a name, such as ":id"');
      }
      tokens.push({ type: 'name', value: name, at });
    } else if (char === '(') {
      const value = groupExpression(chars, at);
      tokens.push({ type: 'regexp', value, at });
      at += Array.from(value).length + 1;
    } else {
      tokens.push({ type: 'char', value: char, at });
    }
  }
  tokens.push({ type: 'end', value: '', at: chars.length });
  return tokens;
}

function isExpression(source: string): boolean {
  try {
    return new RegExp(source, 'v').flags === 'v';
  } catch {
    return false;
  }
}

/** The text between "(" and the ")" that closes it. */
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

function parse(tokens: readonly Token[]): Part[] {
  const parts: Part[] = [];
  const names = new Set<string>();
  let index = 0;
  let pending = '';
  let unnamed = 0;
  const take = (type: Token['type']): Token | undefined =>
    tokens[index]?.type === type ? tokens[index++] : undefined;
  const takeModifier = (): string => (take('modifier') ?? take('asterisk'))?.value ?? '';
  const flush = (): void => {
    if (pending !== '') {
      parts.push({ group: undefined, prefix: encodePath(pending), suffix: '', modifier: '' });
    }
    pending = '';
  };
  const takeText = (): string => {
    let text = '';
    for (
      let token = take('char') ?? take('escaped');
      token !== undefined;
      token = take('char') ?? take('escaped')
    ) {
      text += token.value;
    }
    return text;
  };
  const addPart = (
    prefix: string,
    name: Token | undefined,
    regexp: Token | undefined,
    suffix: string,
    modifier: string,
  ): void => {
    if (name === undefined && regexp === undefined) {
      if (modifier === '') {
        pending += prefix;
      } else {
        flush();
        if (prefix !== '') {
          parts.push({ group: undefined, prefix: encodePath(prefix), suffix: '', modifier });
        }
      }
      return;
    }
    flush();
    if (name !== undefined && names.size === names.add(name.value).size) {
      throw new PathPatternError(`":${name.value}" appears twice`);
    }
    const group = regexp === undefined ? segment : regexp.type === 'asterisk' ? '.*' : regexp.value;
    parts.push({
      name: name?.value ?? String(unnamed++),
      group,
      prefix: encodePath(prefix),
      suffix: encodePath(suffix),
      modifier,
    });
  };

  while (index < tokens.length) {
    const before = index;
    const char = take('char');
    const name = take('name');
    const regexp = take('regexp') ?? (name === undefined ? take('asterisk') : undefined);
    if (name !== undefined || regexp !== undefined) {
      const prefix = char?.value === '/' ? '/' : '';
      if (char !== undefined && prefix === '') pending += char.value;
      addPart(prefix, name, regexp, '', takeModifier());
      continue;
    }
    const fixed = char ?? take('escaped');
    if (fixed !== undefined) {
      pending += fixed.value;
      continue;
    }
    if (take('open') !== undefined) {
      const prefix = takeText();
      const innerName = take('name');
      const innerRegexp =
        take('regexp') ?? (innerName === undefined ? take('asterisk') : undefined);
      const suffix = takeText();
      if (take('close') === undefined) {
        throw new PathPatternError('a "{" is never closed, or holds more than one group');
      }
      addPart(prefix, innerName, innerRegexp, suffix, takeModifier());
      continue;
    }
    flush();
    if (take('end') === undefined) {
      throw new PathPatternError(
        `"${tokens[before]?.value ?? ''}" has nothing before it to apply to (write "\\\\${tokens[before]?.value ?? ''}" for the character itself)`,
      );
    }
  }
  return parts;
}

function partExpression({ group, prefix, suffix, modifier }: Part): string {
  if (group === undefined) {
    return modifier === ''
      ? escapeExpression(prefix)
      : `(?:${escapeExpression(prefix)})${modifier}`;
  }
  const [before, after] = [escapeExpression(prefix), escapeExpression(suffix)];
  const repeats = modifier === '*' || modifier === '+';
  if (before === '' && after === '') {
    return repeats ? `((?:${group})${modifier})` : `(${group})${modifier}`;
  }
  if (!repeats) return `(?:${before}(${group})${after})${modifier}`;
  return `(?:${before}((?:${group})(?:${after}${before}(?:${group}))*)${after})${modifier === '*' ? '?' : ''}`;
}

function escapeExpression(text: string): string {
  return text.replaceAll(/[.+*?^${}()[\]|/\\]/g, String.raw`\$&`);
}

/** Requests arrive percent-encoded; so must the fixed text they are compared with. */
function encodePath(text: string): string {
  return text.replaceAll(/[^!$-;=@-_a-z|~]+/gu, (run) => encodeURIComponent(run));
}
