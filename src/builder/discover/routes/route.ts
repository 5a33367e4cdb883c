import type { ExcludedRoute } from '../../../manifest/schema.ts';
import { compilePath } from './path-pattern.ts';

/**
 * A `path` as Netlify's manifest writes it: `literal` when it has no group, else `expression`,
 * which like Netlify's allows one more slash at the end.
 *
 * @throws {PathPatternError} When the pattern is not a valid URLPattern pathname
 */
export function routeOf(pattern: string): ExcludedRoute {
  const { literal, expression } = compilePath(pattern);
  return literal === undefined
    ? { pattern, expression: String.raw`^${expression}\/?$` }
    : { pattern, literal };
}
