/**
 * Reads the body, keeps nothing and answers 202, which is the lower limit of the cost of a
 * response. Prints the address of the server.
 */
import { serveAccepts } from './accept-server.ts';

serveAccepts(() => undefined);
