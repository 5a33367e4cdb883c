import type { IncomingMessage, ServerResponse } from 'node:http';
import { originOf, parseTarget, type RequestTarget } from './request-target.ts';
import { hostName, isLoopback } from './server/host-names.ts';

/**
 * One request and its response, with the facts about the caller. Every step of the request handler
 * takes an exchange, and no step inspects the connection again.
 */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly target: RequestTarget;
  readonly clientIp: string;
  /** Whether the caller is the developer on this machine, who sees more of refusals and failures. */
  readonly isDeveloper: boolean;
}

/** Which statements of a request about its caller are trusted. */
export interface CallerPolicy {
  /** Whether callers on this machine count as the developer. */
  readonly trustLoopback: boolean;
  /** Whether X-Forwarded-For and -Proto are trusted, because the operator runs a proxy in front. */
  readonly trustProxy: boolean;
  /** The host of a request without a Host header, which HTTP/1.0 allows. */
  readonly fallbackHost: string;
}

/** Headers that show that a request came through a proxy. */
const forwardingHeaders = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];

/**
 * Opens the exchange of a request from our listener. Returns `undefined` if the target or the Host
 * header of the request is not valid.
 */
export function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  { trustLoopback, trustProxy, fallbackHost }: CallerPolicy,
): Exchange | undefined {
  const origin = originOf(request, protocolOf(request, trustProxy), fallbackHost);
  const target = origin === undefined ? undefined : parseTarget(request.url ?? '/', origin);
  if (target === undefined) return undefined;
  return {
    request,
    response,
    method: request.method ?? 'GET',
    target,
    clientIp: clientIpOf(request, trustProxy),
    isDeveloper: trustLoopback && !comesFromElsewhere(request),
  };
}

/**
 * Whether a request from a loopback address was made on another machine: it came through a proxy
 * that the operator did not declare, or it names a host that is not loopback.
 */
function comesFromElsewhere({ headers }: IncomingMessage): boolean {
  return (
    forwardingHeaders.some((name) => headers[name] !== undefined) ||
    (headers.host !== undefined && !isLoopback(hostName(headers.host)))
  );
}

function protocolOf(request: IncomingMessage, trustProxy: boolean): 'http' | 'https' {
  if (!trustProxy) return 'http';
  return lastOf(request.headers['x-forwarded-proto']) === 'https' ? 'https' : 'http';
}

/**
 * The address of the connection; behind a trusted proxy, the last entry of X-Forwarded-For, which
 * the proxy itself wrote.
 */
function clientIpOf(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? lastOf(request.headers['x-forwarded-for']) : undefined;
  const address = forwarded ?? request.socket.remoteAddress ?? '';
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

function lastOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(',') : header;
  const last = text?.split(',').at(-1)?.trim();
  return last === '' ? undefined : last;
}
