import type { Server } from 'node:http';

/** How often connections that became idle are looked for while a server closes. */
const sweepMs = 50;

/**
 * Stops a server: no new connections at once, idle ones closed, requests under way finished.
 * Resolves when the last connection is gone; an abort of `cutOff` ends those that are left.
 */
export async function drainServer(server: Server, cutOff: AbortSignal): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
  const end = (): void => server.closeAllConnections();
  if (cutOff.aborted) end();
  else cutOff.addEventListener('abort', end, { once: true });
  await closed;
  clearInterval(sweep);
  cutOff.removeEventListener('abort', end);
}
