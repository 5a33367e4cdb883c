import { PathPatternError } from './path-pattern-error.ts';
import { tokenize, type Token, type TokenType } from './path-tokens.ts';

interface Part {
  /** The name of the group, or the number of an unnamed group; undefined for fixed text. */
  readonly name: string | undefined;
  /** The expression of the group; undefined for fixed text, which is in `prefix`. */
  readonly group: string | undefined;
  readonly prefix: string;
  readonly suffix: string;
  readonly modifier: string;
}

export interface CompiledPath {
  /** The one path that a pattern without groups matches; undefined for patterns with groups. */
  readonly literal: string | undefined;
  /** The source of a regular expression over the whole path, without `^` and `$`. */
  readonly expression: string;
  /** The names of the capture groups of `expression`, in order. Unnamed groups count from 0. */
  readonly groups: readonly string[];
}

/** The expression of a group that has none in the pattern: everything up to the next slash. */
const segment = String.raw`[^\/]+?`;

/**
 * Compiles a pathname of the URLPattern standard into the source of a regular expression. Netlify's
 * manifest contains the expression itself, which the platform's `URLPattern` (missing in Node 22)
 * does not expose. Follows "parse a pattern string" and "generate a regular expression" of
 * https://urlpattern.spec.whatwg.org.
 *
 * @param pattern Starts with `/`
 * @throws {PathPatternError} When the pattern is not a valid URLPattern pathname
 */
export function compilePath(pattern: string): CompiledPath {
  const parts = new PathParser(tokenize(pattern)).parse();
  const expression = parts.map((part) => partExpression(part)).join('');
  const fixed = parts.every(({ group, modifier }) => group === undefined && modifier === '');
  const groups = parts.flatMap(({ name }) => name ?? []);
  const literal = fixed ? parts.map(({ prefix }) => prefix).join('') : undefined;
  return { literal, expression, groups };
}

/** "Parse a pattern string" of the standard, over the tokens of a pathname. */
class PathParser {
  readonly #tokens: readonly Token[];
  readonly #parts: Part[] = [];
  readonly #names = new Set<string>();
  #index = 0;
  /** Fixed text that has not become a part yet. */
  #pending = '';
  #unnamedGroups = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): readonly Part[] {
    while (this.#index < this.#tokens.length) {
      if (!this.#takeGroup() && !this.#takeFixed() && !this.#takeBraces()) this.#takeEnd();
    }
    return this.#parts;
  }

  /** Takes `:name`, `(…)`, `:name(…)` or `*`, with the slash before it: a modifier repeats both. */
  #takeGroup(): boolean {
    const start = this.#index;
    const char = this.#take('char');
    const name = this.#take('name');
    const regexp = this.#takeRegexp(name);
    if (name === undefined && regexp === undefined) {
      this.#index = start;
      return false;
    }
    const prefix = char?.value === '/' ? '/' : '';
    if (char !== undefined && prefix === '') this.#pending += char.value;
    this.#addGroup({ prefix, name, regexp, suffix: '', modifier: this.#takeModifier() });
    return true;
  }

  #takeFixed(): boolean {
    const fixed = this.#take('char') ?? this.#take('escaped');
    if (fixed === undefined) return false;
    this.#pending += fixed.value;
    return true;
  }

  /** Takes `{…}` around fixed text with at most one group. */
  #takeBraces(): boolean {
    if (this.#take('open') === undefined) return false;
    const prefix = this.#takeText();
    const name = this.#take('name');
    const regexp = this.#takeRegexp(name);
    const suffix = this.#takeText();
    if (this.#take('close') === undefined) {
      throw new PathPatternError('a "{" is never closed, or holds more than one group');
    }
    const modifier = this.#takeModifier();
    if (name === undefined && regexp === undefined) this.#addFixed(prefix, modifier);
    else this.#addGroup({ prefix, name, regexp, suffix, modifier });
    return true;
  }

  #takeEnd(): void {
    const value = this.#tokens[this.#index]?.value ?? '';
    this.#flush();
    if (this.#take('end') !== undefined) return;
    throw new PathPatternError(
      `"${value}" has nothing before it to apply to (write "\\\\${value}" for the character itself)`,
    );
  }

  #take(type: TokenType): Token | undefined {
    const token = this.#tokens[this.#index];
    if (token?.type !== type) return undefined;
    this.#index += 1;
    return token;
  }

  #takeRegexp(name: Token | undefined): Token | undefined {
    return this.#take('regexp') ?? (name === undefined ? this.#take('asterisk') : undefined);
  }

  #takeModifier(): string {
    return (this.#take('modifier') ?? this.#take('asterisk'))?.value ?? '';
  }

  #takeText(): string {
    let text = '';
    for (;;) {
      const token = this.#take('char') ?? this.#take('escaped');
      if (token === undefined) return text;
      text += token.value;
    }
  }

  #addFixed(text: string, modifier: string): void {
    if (modifier === '') {
      this.#pending += text;
      return;
    }
    this.#flush();
    if (text !== '') this.#parts.push(fixedPart(text, modifier));
  }

  #addGroup(group: {
    readonly prefix: string;
    readonly name: Token | undefined;
    readonly regexp: Token | undefined;
    readonly suffix: string;
    readonly modifier: string;
  }): void {
    this.#flush();
    const name = group.name?.value ?? String(this.#unnamedGroups++);
    if (group.name !== undefined && this.#names.has(name)) {
      throw new PathPatternError(`":${name}" appears twice`);
    }
    if (group.name !== undefined) this.#names.add(name);
    this.#parts.push({
      name,
      group: expressionOf(group.regexp),
      prefix: encodePath(group.prefix),
      suffix: encodePath(group.suffix),
      modifier: group.modifier,
    });
  }

  #flush(): void {
    if (this.#pending !== '') this.#parts.push(fixedPart(this.#pending, ''));
    this.#pending = '';
  }
}

function fixedPart(text: string, modifier: string): Part {
  return { name: undefined, group: undefined, prefix: encodePath(text), suffix: '', modifier };
}

function expressionOf(regexp: Token | undefined): string {
  if (regexp === undefined) return segment;
  return regexp.type === 'asterisk' ? '.*' : regexp.value;
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

/** Percent-encodes fixed text: the paths of requests are percent-encoded. */
function encodePath(text: string): string {
  return text.replaceAll(/[^!$-;=@-_a-z|~]+/gu, (run) => encodeURIComponent(run));
}
