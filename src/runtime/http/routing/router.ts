import { editDistance } from '../../../diagnostic/did-you-mean.ts';
import type { ManifestFunction, Route, RoutePattern } from '../../../manifest/schema.ts';
import { compileExpression, type PathMatcher } from './path-matcher.ts';

/**
 * The prefix of the default endpoints. The next segment is the name of the function; the rest of
 * the path is for the function itself.
 */
const endpointPrefix = '/.netlify/functions/';

/** The fields of a function that the router uses. */
export type RoutedFunction = Pick<
  ManifestFunction,
  'name' | 'routes' | 'excludedRoutes' | 'methods'
>;

/**
 * The result of routing. `moved`: the path is the default endpoint of a function that has `path`
 * routes; Netlify does not serve such a function there.
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
 * Creates a router. The route table is built once; a match allocates next to nothing.
 *
 * The following rules are those of netlify-cli 27 (`lib/functions/registry.js`) and functions-dev
 * 2:
 *
 * - `/.netlify/functions/<name>`, with any path behind the name, goes to that function;
 * - A function with `path` routes is not served at that endpoint;
 * - One trailing slash is ignored, the first matching function wins, and an excluded path does not
 *   match.
 *
 * Where the clients leave a case open or differ from production, these rules are our own: a literal
 * path has precedence over a pattern; paths are case-sensitive (both clients lower-case the request
 * but not the route, so a route with a capital letter never matches); and a path that matches only
 * with another method is 405 with `Allow`, not 404. A function that takes GET takes HEAD too.
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
  /** The first function whose path matched, with the methods of all matching routes. */
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
 * Compiles a route. The manifests of bgfn contain `literal` or `expression`; if a route has
 * neither, its pattern is taken as a literal path.
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

/** The names that differ little from the requested name, for the 404 after a typing mistake. */
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
