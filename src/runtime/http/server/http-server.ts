import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BgfnError } from '../../../diagnostic/bgfn-error.ts';
import { http } from '../../platform/node-http.ts';
import { createTurns } from './turns.ts';

/** Against callers that are slow, endless or many. */
export interface HttpLimits {
  /** For the whole head of a request. */
  readonly headersTimeoutMs: number;
  /** For the whole request, body included. */
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** For a caller that reads nothing of an answer that waits for him. */
  readonly unreadTimeoutMs: number;
  /** For a caller that was refused to take the answer and close the connection; then we close it. */
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

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A server with Node's strict parser and tight limits. Requests that announce `Expect:
 * 100-continue` reach the handler before their body was asked for, so that one too large is refused
 * without being sent.
 */
export function createHttpServer(handle: RequestHandler, limits: HttpLimits): Server {
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
    // Nothing moved on the connection: either the answer is still being made, for which others set the time, or it is not taken.
    response.on('timeout', (socket: Socket) => {
      if (socket.writableLength > 0) socket.destroy();
    });
    handle(request, response);
  });
  server.on('request', turns.take);
  server.on('checkContinue', turns.take);
  const refuse = (socket: Duplex, status: string): void =>
    refuseSocket(socket, status, limits.lingerTimeoutMs);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable || !turns.canAnswer(socket)) {
      socket.destroy();
    } else {
      refuse(socket, statusOfError(error));
    }
  });
  // Not offered; without this Node would leave the socket open.
  server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
    refuse(socket, '405 Method Not Allowed'),
  );
  return server;
}

/**
 * Resolves with the address once the server listens.
 *
 * @throws BgfnError PORT_IN_USE, PORT_FORBIDDEN, HOST_UNKNOWN.
 */
export async function listen(
  server: Server,
  port: number,
  host: string,
  flag: string,
): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(listenError(error, port, host, flag)),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The server has no address.');
  }
  return address;
}

/** `127.0.0.0/8`, `::1` and `localhost`: only programs on this machine can call. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** What a Host header names, without the port and the brackets of an IPv6 address. */
export function hostName(host: string): string {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  return host.split(':', 1)[0] ?? '';
}

/**
 * `http://host:port`, with what a browser on this machine can open where the server listens on
 * every address.
 */
export function urlOf(host: string, port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}

/**
 * What may follow such a request is not certain. An upgrade is only an offer, and not taken: Node
 * serves the request as it is, but drops what its caller may have sent right behind it. HTTP/1.0
 * knows no chunks, so that who reads it by that may see the end of the body elsewhere (RFC 9112,
 * 6.1).
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
 * Node looks after the socket no more: without the timer one whose caller does not close his side
 * would stay, and take a place, for ever. What he still sends is read and thrown away, so that he
 * finds the answer and no reset.
 */
function refuseSocket(socket: Duplex, status: string, lingerTimeoutMs: number): void {
  socket.on('error', () => {});
  socket.resume();
  const lingering = setTimeout(() => socket.destroy(), lingerTimeoutMs);
  socket.once('close', () => clearTimeout(lingering));
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function listenError(
  error: NodeJS.ErrnoException,
  port: number,
  host: string,
  flag: string,
): Error {
  if (error.code === 'EADDRINUSE') {
    return new BgfnError('PORT_IN_USE', `Port ${port} on ${host} is taken by another program.`, {
      kind: 'usage',
      hint: `Stop that program, or choose another port with ${flag}.`,
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new BgfnError('PORT_FORBIDDEN', `This user may not listen on port ${port}.`, {
      kind: 'usage',
      hint: `Choose a port from 1024 up with ${flag}.`,
      cause: error,
    });
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    return new BgfnError('HOST_UNKNOWN', `${host} is not an address of this machine.`, {
      kind: 'usage',
      hint: 'Use 127.0.0.1 for this machine only, 0.0.0.0 for every network.',
      cause: error,
    });
  }
  return error;
}
