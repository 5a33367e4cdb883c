import type { IncomingMessage, ServerResponse } from 'node:http';
import { originOf, parseTarget, type RequestTarget } from './request-target.ts';
import { hostName, isLoopback } from './server/host-names.ts';

/**
 * One request and its response, with what is known of the caller. Every step of the request handler
 * takes it; none of them looks at the connection again.
 */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly method: string;
  readonly target: RequestTarget;
  readonly clientIp: string;
  /** The caller is the developer on this machine, to whom refusals and failures say more. */
  readonly isDeveloper: boolean;
}

/** How far the head of a request is believed. */
export interface CallerPolicy {
  /** Callers on this machine are the developer. */
  readonly trustLoopback: boolean;
  /** Behind a proxy of the operator's: X-Forwarded-For and -Proto are believed. */
  readonly trustProxy: boolean;
  /** Stands in where an HTTP/1.0 caller sends no Host. */
  readonly fallbackHost: string;
}

/** Headers by which a proxy shows itself. */
const forwardingHeaders = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];

/**
 * Opens the exchange of a request that came in by our own listener; `undefined` when its target or
 * its Host header is not valid.
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
 * that the operator has not told us of, or by a name that is not this machine's own.
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
 * The address of the connection; behind a trusted proxy the last entry of X-Forwarded-For, the one
 * that the proxy wrote.
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
