import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { closeServerNow } from '../http/server/drain.ts';
import { isLoopback, urlOf } from '../http/server/host-names.ts';
import { listen } from '../http/server/listen.ts';
import type { Clock } from '../platform/clock.ts';
import { createAdminServer, type AdminContext } from './admin-server.ts';
import { createHistory } from './api/history.ts';

/** The address and the access of the admin port; `RuntimeOptions` describes each option. */
export interface AdminOptions {
  readonly adminPort?: number | 'auto' | undefined;
  readonly adminHost?: string | undefined;
  readonly adminToken?: string | undefined;
}

const defaultAdminPort = 8889;
const defaultAdminHost = '127.0.0.1';

export interface RunningAdmin {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Returns the token that requests must contain, if there is one.
 *
 * @throws {BgfnError} `ADMIN_TOKEN_MISSING` when other machines could reach the admin port without
 *   one.
 */
export function requireAdminToken({
  adminPort,
  adminHost = defaultAdminHost,
  adminToken = '',
}: AdminOptions): string | undefined {
  if (adminToken !== '') return adminToken;
  if (adminPort === undefined || isLoopback(adminHost)) return undefined;
  throw new BgfnError(
    'ADMIN_TOKEN_MISSING',
    `The admin port on ${adminHost} can be reached by other machines, and there is no token.`,
    {
      kind: 'usage',
      hint: 'Set BGFN_ADMIN_TOKEN to a long random text, or leave the admin port on 127.0.0.1.',
    },
  );
}

/**
 * Listens on the admin port; `undefined` when the options ask for none.
 *
 * @throws {BgfnError} `PORT_IN_USE` and the like.
 */
export async function startAdmin(
  options: AdminOptions,
  clock: Clock,
  runtime: Omit<AdminContext, 'history'>,
): Promise<RunningAdmin | undefined> {
  if (options.adminPort === undefined) return undefined;
  const { metrics, store } = runtime;
  const context: AdminContext = { ...runtime, history: createHistory({ metrics, store, clock }) };
  try {
    return await listenAt(options, context);
  } catch (error) {
    context.history.stop();
    throw error;
  }
}

async function listenAt(options: AdminOptions, context: AdminContext): Promise<RunningAdmin> {
  const host = options.adminHost ?? defaultAdminHost;
  if (options.adminPort !== undefined && options.adminPort !== 'auto') {
    return startOn(options.adminPort, host, context);
  }
  try {
    return await startOn(defaultAdminPort, host, context);
  } catch (error) {
    // Another runtime on this machine probably uses the default port. `auto` allows any port.
    if (error instanceof BgfnError && error.code === 'PORT_IN_USE') {
      return startOn(0, host, context);
    }
    throw error;
  }
}

async function startOn(
  wantedPort: number,
  host: string,
  context: AdminContext,
): Promise<RunningAdmin> {
  const server = createAdminServer(context);
  const { port } = await listen(server, { host, port: wantedPort, portFlag: '--admin-port' });
  const close = (): Promise<void> => {
    context.history.stop();
    return closeServerNow(server);
  };
  return { url: urlOf(host, port), close };
}
