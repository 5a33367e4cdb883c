import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BgfnError } from '../../../diagnostic/bgfn-error.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** The command-line flag that chooses the port, for the hint of an error. */
  readonly portFlag: string;
}

/**
 * Resolves with the address once the server listens.
 *
 * @throws {BgfnError} `PORT_IN_USE`, `PORT_FORBIDDEN`, `HOST_UNKNOWN`.
 */
export async function listen(server: Server, wanted: ListenAddress): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, wanted)));
    server.listen(wanted.port, wanted.host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The server has no address.');
  }
  return address;
}

function listenError(error: NodeJS.ErrnoException, { host, port, portFlag }: ListenAddress): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new BgfnError('PORT_IN_USE', `Port ${port} on ${host} is taken by another program.`, {
        kind: 'usage',
        hint: `Stop that program, or choose another port with ${portFlag}.`,
        cause: error,
      });
    case 'EACCES':
      return new BgfnError('PORT_FORBIDDEN', `This user may not listen on port ${port}.`, {
        kind: 'usage',
        hint: `Choose a port from 1024 up with ${portFlag}.`,
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new BgfnError('HOST_UNKNOWN', `${host} is not an address of this machine.`, {
        kind: 'usage',
        hint: 'Use 127.0.0.1 for this machine only, 0.0.0.0 for every network.',
        cause: error,
      });
    default:
      return error;
  }
}
