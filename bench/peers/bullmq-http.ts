/**
 * Answers 202 once BullMQ has added the call to Redis. Prints the address of the server.
 *
 * `node peers/bullmq-http.ts <site> <redis port>`
 */
import { importInstalled, serveAccepts } from './accept-server.ts';

const [site = '', port = ''] = process.argv.slice(2);

interface Bullmq {
  readonly Queue: new (
    name: string,
    options: object,
  ) => { add(name: string, data: object, options: object): Promise<unknown> };
}

const { Queue } = await importInstalled<Bullmq>(site, 'bullmq');
const queue = new Queue('accept', { connection: { host: '127.0.0.1', port: Number(port) } });
serveAccepts((body) =>
  queue.add('call', { body }, { attempts: 3, backoff: { type: 'fixed', delay: 60_000 } }),
);
