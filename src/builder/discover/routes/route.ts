import type { RoutePattern } from '../../../manifest/schema.ts';
import { compilePath } from './path-pattern.ts';

/**
 * A `path` in the form of Netlify's manifest: with `literal` when the path has no group, else with
 * `expression`. As on Netlify, the expression allows one more slash at the end.
 *
 * @throws {PathPatternError} When the pattern is not a valid URLPattern pathname
 */
export function routeOf(pattern: string): RoutePattern {
  const { literal, expression } = compilePath(pattern);
  return literal === undefined
    ? { pattern, expression: String.raw`^${expression}\/?$` }
    : { pattern, literal };
}
