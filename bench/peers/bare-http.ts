/**
 * Answers 202 and keeps nothing of the body that it read: the least that an answer costs. Prints
 * its address.
 */
import { serveAccepts } from './accept-server.ts';

serveAccepts(() => undefined);
