type Groups = Record<string, string | undefined>;
type Match = (pathname: string) => Groups | undefined;
type PatternClass = new (init: { pathname: string }) => { exec(input: { pathname: string }): { pathname: { groups: Groups } } | null };

/** Node 22 has no URLPattern. What paths use of its syntax (`:name`, `:name(regex)`, both with `? + *`, and `*`) as a regular expression. */
export function compilePath(pattern: string): Match {
  let wildcards = 0;
  const source = pattern.replaceAll(/(\/?):([\w$]+)(\([^()]*\))?([?+*]?)|[*.+^$|]/g, (match, slash: string, name?: string, regex = '[^/]+?', sign = '') => {
    if (!name) return match === '*' ? `(?<_${wildcards++}>.*)` : `\\${match}`;
    const group = `${slash}(?<${name}>${regex}${/[+*]/.test(sign) ? `(?:${slash}${regex})*` : ''})`;
    return /[?*]/.test(sign) ? `(?:${group})?` : group;
  });
  const expression = new RegExp(`^${source}$`);
  return (pathname) => {
    const found = expression.exec(pathname);
    return found ? Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name.replace(/^_(?=\d)/, ''), value])) : undefined;
  };
}

function matcher(pattern: string): Match {
  const { URLPattern } = globalThis as { URLPattern?: PatternClass };
  if (!URLPattern) return compilePath(pattern);
  const compiled = new URLPattern({ pathname: pattern });
  return (pathname) => compiled.exec({ pathname })?.pathname.groups;
}

/**
 * `context.params` of a path: the groups of the first pattern that matches it, still percent-encoded as URLPattern gives them.
 * Nothing for the function's own endpoint, or when no pattern matches. A trailing slash does not count.
 */
export function paramsOf(patterns: readonly string[], pathname: string): Record<string, string> {
  for (const pattern of patterns) {
    const groups = matcher(pattern)(pathname.replace(/(.)\/$/, '$1'));
    if (groups) return Object.fromEntries(Object.entries(groups).filter((group): group is [string, string] => group[1] !== undefined));
  }
  return {};
}
