import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Connection {
  /** Oldest first; the first request is being answered. */
  readonly turns: Turn[];
  /** Whether this module paused the connection; Node pauses connections too, for its own reasons. */
  paused: boolean;
}

/** The requests of each connection, answered one after the other. */
export interface Turns {
  /**
   * Handles the request once the earlier requests of its connection are answered. If the connection
   * breaks before, the request is never handled.
   */
  readonly take: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Whether the caller would take a response that is written to the socket now as the response to
   * its last request, and not as the response to an earlier request or as a part of one.
   */
  readonly canAnswer: (socket: Duplex) => boolean;
}

/** The number of waiting requests of a connection beyond which nothing more is read from it. */
const maxWaiting = 64;

/**
 * Handles the requests of a connection one after the other. HTTP lets a caller send further
 * requests before the first is answered (pipelining), and Node emits all of them at once. If they
 * were handled at once, one connection could start a thousand calls, and their responses would be
 * kept until the first of them is read. Node does not report a broken connection for the requests
 * behind the first, so their functions would run for nobody.
 */
export function createTurns(handle: RequestListener): Turns {
  const connections = new WeakMap<Duplex, Connection>();

  const begin = (connection: Connection): void => {
    const { turns } = connection;
    const [current] = turns;
    if (current === undefined) return;
    const { request, response } = current;
    const { socket } = request;
    response.once('close', () => {
      turns.shift();
      if (socket.destroyed) turns.length = 0;
      if (connection.paused && turns.length < maxWaiting) {
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
      const connection = connections.get(socket) ?? { turns: [], paused: false };
      connections.set(socket, connection);
      connection.turns.push({ request, response });
      if (connection.turns.length === 1) {
        begin(connection);
      } else if (connection.turns.length > maxWaiting && !connection.paused) {
        connection.paused = true;
        socket.pause();
      }
    },
    canAnswer(socket) {
      // Only the last request can be incomplete, so this is true for at most one waiting request.
      return (connections.get(socket)?.turns ?? []).every(
        ({ request, response }) => !request.complete && !response.headersSent,
      );
    },
  };
}
