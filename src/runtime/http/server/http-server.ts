import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { http } from '../../platform/node-http.ts';
import { createTurns } from './turns.ts';

/** Limits against slow callers, endless requests and too many connections. */
export interface HttpLimits {
  /** The longest time until the whole head of a request has arrived. */
  readonly headersTimeoutMs: number;
  /** The longest time until the whole request has arrived, body included. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** The longest time in which a caller reads nothing of a response that waits for it. */
  readonly unreadTimeoutMs: number;
  /**
   * The time after which the connection of a refused caller is closed, if the caller has not closed
   * it.
   */
  readonly lingerTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxConnections: number;
}

export const defaultHttpLimits: HttpLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveTimeoutMs: 5_000,
  unreadTimeoutMs: 30_000,
  lingerTimeoutMs: 1_000,
  maxHeaderBytes: 16_384,
  maxConnections: 2_000,
};

/**
 * Creates a server with Node's strict parser and tight limits, which handles the requests of a
 * connection one after the other. A request with `Expect: 100-continue` reaches the handler before
 * its body is asked for, so that a body that is too large can be refused before it is sent.
 */
export function createHttpServer(handle: RequestListener, limits: HttpLimits): Server {
  const server = http.createServer({
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: 1_000,
    insecureHTTPParser: false,
    requireHostHeader: true,
    joinDuplicateHeaders: false,
    noDelay: true,
  });
  server.maxConnections = limits.maxConnections;
  server.timeout = limits.unreadTimeoutMs;
  const turns = createTurns((request, response) => {
    if (isLastOfConnection(request)) response.shouldKeepAlive = false;
    // Nothing moved on the connection. Either the function is still running, which has a timeout of
    // its own, or the caller does not read the response.
    response.on('timeout', (socket: Socket) => {
      if (socket.writableLength > 0) socket.destroy();
    });
    handle(request, response);
  });
  server.on('request', turns.take);
  server.on('checkContinue', turns.take);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable || !turns.canAnswer(socket)) {
      socket.destroy();
    } else {
      refuseConnection(socket, statusOfError(error), limits.lingerTimeoutMs);
    }
  });
  // CONNECT is not supported. Without a listener Node would leave the socket open.
  server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
    refuseConnection(socket, '405 Method Not Allowed', limits.lingerTimeoutMs),
  );
  return server;
}

/**
 * Whether the connection must be closed after the request, because it is uncertain where the next
 * request begins. An upgrade is an offer that we decline: Node serves the request as it is, but
 * drops bytes that the caller may have sent right behind it. HTTP/1.0 has no chunks, so a proxy
 * that reads a request by HTTP/1.0 may see the end of the body elsewhere (RFC 9112, 6.1).
 */
function isLastOfConnection({ headers, httpVersion }: IncomingMessage): boolean {
  return (
    headers.upgrade !== undefined ||
    (httpVersion === '1.0' && headers['transfer-encoding'] !== undefined)
  );
}

function statusOfError({ code }: NodeJS.ErrnoException): string {
  if (code === 'HPE_HEADER_OVERFLOW') return '431 Request Header Fields Too Large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
}

/**
 * Answers on a socket that Node no longer manages. Without the timer, a socket whose caller does
 * not close its side would stay open for ever and count as a connection. Bytes that the caller
 * still sends are read and discarded, so that the caller gets the response and not a reset.
 */
function refuseConnection(socket: Duplex, status: string, lingerTimeoutMs: number): void {
  // Without a listener a reset by the caller would end the process; 'close' follows.
  socket.on('error', () => {});
  socket.resume();
  const lingering = setTimeout(() => socket.destroy(), lingerTimeoutMs);
  socket.once('close', () => clearTimeout(lingering));
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
