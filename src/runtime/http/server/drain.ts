import type { Server } from 'node:http';

/** How often a closing server looks for connections that became idle, ms. */
const sweepMs = 50;

/**
 * Stops a server: it takes no new connections, closes the idle ones and finishes the requests under
 * way. Resolves when the last connection is gone; an abort of `cutOff` ends those that are left.
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
