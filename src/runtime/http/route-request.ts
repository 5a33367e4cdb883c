import type { CallSource, IncomingCall } from '../calls/call.ts';
import { nextRunOf } from '../calls/cron.ts';
import type { SiteHeaders } from '../calls/event.ts';
import { scheduledCall, scheduleSource } from '../calls/scheduled-call.ts';
import type { LoadedFunction } from '../load/load-functions.ts';
import type { Exchange } from './exchange.ts';
import type { RequestRefusal } from './refusals.ts';
import type { RouteMatch, Router } from './routing/router.ts';

/** The part of a deployment that requests are routed by. */
export interface ServedFunctions {
  readonly router: Router;
  readonly functions: ReadonlyMap<string, LoadedFunction>;
  readonly siteHeaders: SiteHeaders;
}

/** The call of an exchange, ready to be answered. */
export interface RoutedCall {
  readonly fn: LoadedFunction;
  readonly call: IncomingCall;
  readonly source: CallSource | undefined;
  readonly siteHeaders: SiteHeaders;
}

/** Answers a call: with 202 for a background function, or with the function's own response. */
export type CallAnswerer = (exchange: Exchange, routed: RoutedCall) => Promise<void>;

/** The result of routing a request. */
export type RoutingResult =
  | {
      readonly kind: 'routed';
      readonly fn: LoadedFunction;
      /** The `path` route that matched. */
      readonly pattern: string | undefined;
      /** The site headers of the deployment that the request was routed by. */
      readonly siteHeaders: SiteHeaders;
    }
  | { readonly kind: 'refused'; readonly refusal: RequestRefusal };

/**
 * Finds the function of a request. A scheduled function has no URL on Netlify, so only a developer
 * can call it here, as in `netlify dev`.
 */
export function routeRequest(
  exchange: Exchange,
  { router, functions, siteHeaders }: ServedFunctions,
): RoutingResult {
  const { method, target, isDeveloper } = exchange;
  if (method === 'TRACE') return { kind: 'refused', refusal: { reason: 'trace-request' } };
  const match = router.match(method, target.path);
  if (match.kind !== 'function') return { kind: 'refused', refusal: refusalOf(match, exchange) };
  const fn = functions.get(match.name);
  if (fn === undefined || (fn.manifest.schedule !== undefined && !isDeveloper)) {
    return {
      kind: 'refused',
      refusal: { reason: 'no-function', path: target.path, similar: [] },
    };
  }
  return { kind: 'routed', fn, pattern: match.pattern, siteHeaders };
}

function refusalOf(
  match: Exclude<RouteMatch, { readonly kind: 'function' }>,
  { method, target: { path }, isDeveloper }: Exchange,
): RequestRefusal {
  switch (match.kind) {
    case 'method-not-allowed':
      return { reason: 'method-not-allowed', path, method, allow: match.allow };
    case 'moved':
      return { reason: 'served-elsewhere', path, shownPaths: isDeveloper ? match.patterns : [] };
    case 'not-found':
      return { reason: 'no-function', path, similar: isDeveloper ? match.similar : [] };
  }
}

/**
 * Creates the call of a request. Every request for a scheduled function is replaced by the request
 * that its schedule would send, as in `netlify dev`.
 */
export function routedCall(
  { request, method, target, clientIp }: Exchange,
  { fn, pattern, siteHeaders }: Extract<RoutingResult, { readonly kind: 'routed' }>,
  body: Uint8Array,
  nowMs: number,
): RoutedCall {
  const { schedule } = fn.manifest;
  if (schedule !== undefined) {
    const nextRun = nextRunOf(schedule, nowMs);
    const call = scheduledCall(fn, { origin: target.origin, clientIp, nextRun });
    return { fn, call, source: scheduleSource, siteHeaders };
  }
  const call = {
    method,
    origin: target.origin,
    path: target.path,
    query: target.query,
    rawHeaders: request.rawHeaders,
    body,
    clientIp,
    route: pattern,
  };
  return { fn, call, source: undefined, siteHeaders };
}
