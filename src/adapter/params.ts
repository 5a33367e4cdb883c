import type { ParamsRoute } from './types.ts';

/**
 * Returns `context.params` for a path: the groups of the first route that matches the path. Values
 * stay percent-encoded, as in URLPattern. The result is empty for the function's own endpoint and
 * if no route matches. A trailing slash of the path is ignored.
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
