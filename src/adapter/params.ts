import type { ParamsRoute } from './types.ts';

/**
 * `context.params` of a path: the groups of the first route that matches it, still percent-encoded
 * as URLPattern gives them. Empty for the function's own endpoint and when no route matches. A
 * trailing slash is ignored.
 */
export function paramsOf(routes: readonly ParamsRoute[], pathname: string): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [expression, ...groups] of routes) {
    const found = new RegExp(expression, 'v').exec(pathname.replace(/(.)\/$/, '$1'));
    for (const [at, value] of found?.slice(1).entries() ?? []) {
      if (value !== undefined) params[groups[at] ?? at] = value;
    }
    if (found) break;
  }
  return params;
}
