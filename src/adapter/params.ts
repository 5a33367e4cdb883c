type Groups = Record<string, string | undefined>;
interface Pattern {
  exec(input: { pathname: string }): { pathname: { groups: Groups } } | null;
}
type PatternClass = new (init: { pathname: string }) => Pattern;

/** Node 22 has no URLPattern: the parts of its syntax that paths use (`:name`, `:name(regex)`, `(regex)`, `*`, `{…}`, `? + *`) as a regular expression. */
function compile(pattern: string): Pattern {
  const names: string[] = [];
  let unnamed = 0;
  const source = pattern.replaceAll(
    /\\(.)|(\/?)(?::([\p{ID_Start}_$][\p{ID_Continue}$]*))?(?:\(([^()]*)\)|(\*))?([?+*]?)|([{}])|(.)/gsu,
    (match, escaped?: string, slash = '', name?: string, regex?: string, star?: string, modifier = '', brace?: string, other?: string) => {
      if (escaped) return `\\u{${escaped.codePointAt(0)?.toString(16)}}`;
      if (brace) return brace === '{' ? '(?:' : ')';
      if (other) return `\\u{${other.codePointAt(0)?.toString(16)}}`;
      if (!name && regex === undefined && !star) return match;
      names.push(name ?? String(unnamed++));
      const one = regex ?? (star ? '.*' : '[^/]+?');
      const many = /[+*]/.test(modifier) ? `${one}(?:${slash}${one})*` : one;
      return /[?*]/.test(modifier) ? `(?:${slash}(${many}))?` : `${slash}(${many})`;
    },
  );
  const expression = new RegExp(`^${source}$`, 'u');
  return {
    exec: ({ pathname }) => {
      const found = expression.exec(pathname);
      return found && { pathname: { groups: Object.fromEntries(names.map((name, at) => [name, found[at + 1]])) } };
    },
  };
}

/**
 * `context.params` of a path: the groups of the first pattern that matches it, still percent-encoded as URLPattern gives them.
 * Nothing for the function's own endpoint, or when no pattern matches. A trailing slash does not count.
 */
export function paramsOf(patterns: readonly string[], pathname: string): Record<string, string> {
  const { URLPattern } = globalThis as unknown as { URLPattern?: PatternClass };
  const path = pathname.length > 1 && pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
  for (const pattern of patterns) {
    const found = (URLPattern ? new URLPattern({ pathname: pattern }) : compile(pattern)).exec({ pathname: path });
    if (found) return Object.fromEntries(Object.entries(found.pathname.groups).filter((group): group is [string, string] => group[1] !== undefined));
  }
  return {};
}
