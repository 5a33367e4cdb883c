/**
 * What answering 202 costs when nothing is kept: reads the body, answers, forgets. Prints its
 * address.
 */
import { serveAccepts } from './accept-server.ts';

serveAccepts(() => undefined);
