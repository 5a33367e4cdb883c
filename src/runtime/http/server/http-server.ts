import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { http } from '../../platform/node-http.ts';
import { createTurns } from './turns.ts';

/** Limits against callers that are slow, endless or many. */
export interface HttpLimits {
  /** For the whole head of a request. */
  readonly headersTimeoutMs: number;
  /** For the whole request, body included. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** For a caller that reads nothing of an answer that waits for it. */
  readonly unreadTimeoutMs: number;
  /** For a refused caller to take the answer and close the connection; then we close it. */
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
 * connection one after the other. Requests that announce `Expect: 100-continue` reach the handler
 * before their body was asked for, so that one too large is refused without being sent.
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
    // Nothing moved on the connection: either the answer is still being made, which has time limits
    // of its own, or the caller does not read it.
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
  // CONNECT is not offered; without a listener Node would leave the socket open.
  server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
    refuseConnection(socket, '405 Method Not Allowed', limits.lingerTimeoutMs),
  );
  return server;
}

/**
 * Whether it is uncertain what follows a request on its connection. An upgrade is only an offer,
 * which we do not take: Node serves the request as it is, but drops what its caller may have sent
 * right behind it. HTTP/1.0 knows no chunks, so a reader that goes by it may see the end of the
 * body elsewhere (RFC 9112, 6.1).
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
 * Answers on a socket that Node no longer looks after. Without the timer a socket whose caller does
 * not close its side would stay for ever, and keep its place among the connections. What the caller
 * still sends is read and thrown away, so that it finds the answer and not a reset.
 */
function refuseConnection(socket: Duplex, status: string, lingerTimeoutMs: number): void {
  socket.on('error', () => {});
  socket.resume();
  const lingering = setTimeout(() => socket.destroy(), lingerTimeoutMs);
  socket.once('close', () => clearTimeout(lingering));
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
