import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestHandler } from './http-server.ts';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Connection {
  /** Oldest first; the first one is being answered. */
  readonly exchanges: Exchange[];
  /** By us; Node pauses it too, for reasons of its own. */
  paused: boolean;
}

/** The requests of each connection, answered one after the other. */
export interface Turns {
  /**
   * Handles the request as soon as those before it on its connection are answered, and never when
   * the connection is gone by then.
   */
  readonly take: RequestHandler;
  /**
   * Whether an answer written to the socket now would be taken for that of what was sent last, and
   * not for another's or a part of one.
   */
  readonly canAnswer: (socket: Duplex) => boolean;
}

/** So many requests of a connection may wait before nothing more is read from it. */
const mostWaiting = 64;

/**
 * HTTP lets a caller send requests before the answers to the last ones, and Node hands them all
 * over at once. Handled at once, one connection could have a thousand calls run, and their answers
 * would be kept until the first of them is read; of those whose connection breaks Node never says
 * so, and they would be made for nobody.
 */
export function createTurns(handle: RequestHandler): Turns {
  const connections = new WeakMap<Duplex, Connection>();

  const begin = (connection: Connection): void => {
    const { exchanges } = connection;
    const [current] = exchanges;
    if (current === undefined) return;
    const { request, response } = current;
    const { socket } = request;
    response.once('close', () => {
      exchanges.shift();
      if (socket.destroyed) exchanges.length = 0;
      if (connection.paused && exchanges.length < mostWaiting) {
        connection.paused = false;
        socket.resume();
      }
      begin(connection);
    });
    handle(request, response);
  };

  return {
    take(request, response) {
      const { socket } = request;
      const connection = connections.get(socket) ?? { exchanges: [], paused: false };
      connections.set(socket, connection);
      connection.exchanges.push({ request, response });
      if (connection.exchanges.length === 1) {
        begin(connection);
      } else if (connection.exchanges.length > mostWaiting && !connection.paused) {
        connection.paused = true;
        socket.pause();
      }
    },
    canAnswer(socket) {
      // Only the last one can be incomplete, so there is one at most.
      return (connections.get(socket)?.exchanges ?? []).every(
        ({ request, response }) => !request.complete && !response.headersSent,
      );
    },
  };
}
