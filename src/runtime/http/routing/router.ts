import { editDistance } from '../../../diagnostic/did-you-mean.ts';
import type { ManifestFunction, Route, RoutePattern } from '../../../manifest/schema.ts';
import { compileExpression, type PathMatcher } from './path-matcher.ts';

/**
 * The path under which functions answer. The next segment is the function's name; whatever follows
 * it belongs to the function.
 */
const endpointPrefix = '/.netlify/functions/';

/** What the router needs to know of a function. */
export type RoutedFunction = Pick<
  ManifestFunction,
  'name' | 'routes' | 'excludedRoutes' | 'methods'
>;

/**
 * What a router found for a request. `moved`: the path is the endpoint of a function that has
 * `path` routes of its own; Netlify does not serve it there.
 */
export type RouteMatch =
  | { readonly kind: 'function'; readonly name: string; readonly pattern?: string | undefined }
  | {
      readonly kind: 'method-not-allowed';
      readonly name: string;
      readonly allow: readonly string[];
    }
  | { readonly kind: 'moved'; readonly name: string; readonly patterns: readonly string[] }
  | { readonly kind: 'not-found'; readonly similar: readonly string[] };

export interface Router {
  /** `method` in upper case; `path` percent-encoded, without the query. */
  match(method: string, path: string): RouteMatch;
}

interface CompiledRoute {
  readonly name: string;
  readonly pattern: string;
  readonly matches: PathMatcher;
  readonly methods: readonly string[];
  readonly excluded: readonly PathMatcher[];
}

/**
 * Builds the route table once; a match allocates next to nothing.
 *
 * These rules are those of netlify-cli 27 (`lib/functions/registry.js`) and functions-dev 2:
 *
 * - `/.netlify/functions/<name>` with anything behind the name goes to that function;
 * - A function with `path` routes is not served at that endpoint;
 * - One trailing slash does not count, the first function that matches wins, an excluded path is not
 *   the function's.
 *
 * These are ours, where the clients leave it open or differ from production: a literal path goes
 * before a pattern, paths keep their case (both clients lower-case the request but not the route,
 * so that a route with a capital never matches), and a path that matches with another method is 405
 * with `Allow`, not 404. A function that takes GET takes HEAD too.
 */
export function createRouter(functions: readonly RoutedFunction[]): Router {
  const byName = new Map(functions.map((fn) => [fn.name, fn]));
  const literals = new Map<string, CompiledRoute[]>();
  const patterns: CompiledRoute[] = [];
  for (const fn of functions) {
    const excluded = (fn.excludedRoutes ?? []).map((route) => compilePattern(route));
    for (const route of fn.routes ?? []) {
      const compiled = compileRoute(fn, route, excluded);
      if (route.literal === undefined) {
        patterns.push(compiled);
      } else {
        literals.set(trimSlash(route.literal), [
          ...(literals.get(trimSlash(route.literal)) ?? []),
          compiled,
        ]);
      }
    }
  }
  return {
    match(method, path) {
      if (path.startsWith(endpointPrefix)) return matchEndpoint(byName, method, path);
      const trimmed = trimSlash(path);
      return (
        matchRoutes([literals.get(trimmed) ?? [], patterns], method, trimmed) ?? {
          kind: 'not-found',
          similar: [],
        }
      );
    },
  };
}

function matchEndpoint(
  byName: ReadonlyMap<string, RoutedFunction>,
  method: string,
  path: string,
): RouteMatch {
  const end = path.indexOf('/', endpointPrefix.length);
  const name =
    end === -1 ? path.slice(endpointPrefix.length) : path.slice(endpointPrefix.length, end);
  const fn = byName.get(name);
  if (fn === undefined) {
    return { kind: 'not-found', similar: similarNames(name, [...byName.keys()]) };
  }
  if (fn.routes !== undefined && fn.routes.length > 0) {
    return { kind: 'moved', name, patterns: fn.routes.map((route) => route.pattern) };
  }
  if (!allows(fn.methods ?? [], method)) {
    return { kind: 'method-not-allowed', name, allow: allowHeader(fn.methods ?? []) };
  }
  return { kind: 'function', name };
}

function matchRoutes(
  tables: readonly (readonly CompiledRoute[])[],
  method: string,
  path: string,
): RouteMatch | undefined {
  /** The first function whose path matched, with the methods of all routes that did. */
  let refused: { name: string; methods: string[] } | undefined;
  for (const table of tables) {
    for (const route of table) {
      if (!route.matches(path) || route.excluded.some((matches) => matches(path))) continue;
      if (allows(route.methods, method)) {
        return { kind: 'function', name: route.name, pattern: route.pattern };
      }
      refused = {
        name: refused?.name ?? route.name,
        methods: [...(refused?.methods ?? []), ...route.methods],
      };
    }
  }
  if (refused === undefined) return undefined;
  return { kind: 'method-not-allowed', name: refused.name, allow: allowHeader(refused.methods) };
}

function compileRoute(
  fn: RoutedFunction,
  route: Route,
  excluded: CompiledRoute['excluded'],
): CompiledRoute {
  const methods = route.methods.length > 0 ? route.methods : (fn.methods ?? []);
  return {
    name: fn.name,
    pattern: route.pattern,
    matches: compilePattern(route),
    methods: methods.map((method) => method.toUpperCase()),
    excluded,
  };
}

/**
 * Compiles a route. One that we wrote has `literal` or `expression`; of one that has neither the
 * pattern is a literal path.
 */
function compilePattern(route: RoutePattern): PathMatcher {
  if (route.literal === undefined && route.expression !== undefined) {
    return compileExpression(route.expression);
  }
  const literal = trimSlash(route.literal ?? route.pattern);
  return (path) => path === literal;
}

function trimSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function allows(methods: readonly string[], method: string): boolean {
  return (
    methods.length === 0 ||
    methods.includes(method) ||
    (method === 'HEAD' && methods.includes('GET'))
  );
}

function allowHeader(methods: readonly string[]): readonly string[] {
  return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)].toSorted();
}

/** Names that differ little from the one that was asked for, for the 404 of a typing mistake. */
function similarNames(asked: string, names: readonly string[]): readonly string[] {
  const wanted = asked.slice(0, 64).toLowerCase();
  const distanceTo = (name: string): number =>
    wanted !== '' && name.startsWith(wanted) ? 1 : editDistance(wanted, name);
  const candidates = names.map((name) => ({ name, distance: distanceTo(name.toLowerCase()) }));
  const close = candidates.filter(
    ({ name, distance }) => distance <= Math.max(2, Math.floor(name.length / 4)),
  );
  const closestFirst = close.toSorted((a, b) => a.distance - b.distance);
  return closestFirst.slice(0, 3).map(({ name }) => name);
}
