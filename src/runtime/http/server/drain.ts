import type { Server } from 'node:http';

/** How often a closing server closes the connections that became idle, ms. */
const sweepMs = 50;

/**
 * Stops a server: accepts no new connections, closes the idle ones and lets the requests under way
 * finish. Resolves when the last connection is closed; an abort of `cutOff` closes the connections
 * that are left.
 */
export async function drainServer(server: Server, cutOff: AbortSignal): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
  const endAll = (): void => server.closeAllConnections();
  if (cutOff.aborted) endAll();
  else cutOff.addEventListener('abort', endAll, { once: true });
  await closed;
  clearInterval(sweep);
  cutOff.removeEventListener('abort', endAll);
}

/** Stops a server and closes all of its connections, also those with a request under way. */
export function closeServerNow(server: Server): Promise<void> {
  return drainServer(server, AbortSignal.abort());
}
