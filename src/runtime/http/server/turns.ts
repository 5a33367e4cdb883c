import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Connection {
  /** Oldest first; the first one is being answered. */
  readonly turns: Turn[];
  /** Whether we paused it; Node pauses connections too, for reasons of its own. */
  paused: boolean;
}

/** The requests of each connection, answered one after the other. */
export interface Turns {
  /**
   * Handles the request as soon as the earlier ones of its connection are answered, and never when
   * the connection is gone by then.
   */
  readonly take: (request: IncomingMessage, response: ServerResponse) => void;
  /**
   * Whether an answer written to the socket now would be taken as the answer to the request that
   * was sent last, and not to another one or as a part of one.
   */
  readonly canAnswer: (socket: Duplex) => boolean;
}

/** When more requests of a connection than these wait, nothing more is read from it. */
const maxWaiting = 64;

/**
 * HTTP lets a caller send requests before the answers to the last ones (pipelining), and Node hands
 * them all over at once. If they were handled at once, one connection could have a thousand calls
 * run, and their answers would be kept until the first of them is read. Node does not report a
 * broken connection for the requests that wait behind the first one, so their answers would be made
 * for nobody.
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
      // Only the last request can be incomplete, so this holds for one at most.
      return (connections.get(socket)?.turns ?? []).every(
        ({ request, response }) => !request.complete && !response.headersSent,
      );
    },
  };
}
