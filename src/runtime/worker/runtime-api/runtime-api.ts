import { once } from 'node:events';
import type { Clock } from '../../platform/clock.ts';
import { http } from '../../platform/node-http.ts';
import type { OfferedInvocation } from './given-invocation.ts';
import type { RuntimeApiEvents } from './runtime-api-events.ts';
import { RuntimeApiSession } from './runtime-api-session.ts';

/** The Lambda Runtime API of one worker: a listener on 127.0.0.1, with a port of its own. */
export interface RuntimeApi {
  /** `host:port`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  /**
   * Sends the event to the worker: at once if the worker already waits for one (`onTaken` is called
   * synchronously then), otherwise as soon as the worker asks. One event at a time.
   */
  offer(invocation: OfferedInvocation): void;
  close(): void;
}

/**
 * No timeouts: a worker may run for minutes between two calls, and no call is cut off because it is
 * slow.
 */
const serverOptions = {
  keepAliveTimeout: 0,
  requestTimeout: 0,
  headersTimeout: 0,
  connectionsCheckingInterval: 2 ** 31 - 1,
  noDelay: true,
  // Go's runtime sends stack traces in a header of up to 1 MB.
  maxHeaderSize: 2_097_152,
};

/** Starts the listener. Resolves when the port is open. */
export async function startRuntimeApi(clock: Clock, events: RuntimeApiEvents): Promise<RuntimeApi> {
  const session = new RuntimeApiSession(clock, events);
  const server = http.createServer(serverOptions, (request, response) => {
    session.handle({ request, response });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The Runtime API listens on no port.');
  }
  session.host = `127.0.0.1:${address.port}`;
  return {
    address: session.host,
    offer: (invocation) => session.offer(invocation),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
