/**
 * Answers 202 once pg-boss has sent the call to PostgreSQL. Prints the address of the server.
 *
 * `node peers/pg-boss-http.ts <site> <connection string>`
 */
import { importInstalled, serveAccepts } from './accept-server.ts';

const [site = '', connectionString = ''] = process.argv.slice(2);

interface Boss {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  start(): Promise<unknown>;
  createQueue(name: string): Promise<unknown>;
  send(name: string, data: object, options: object): Promise<unknown>;
}
interface PgBossModule {
  readonly PgBoss: new (options: { connectionString: string; max: number }) => Boss;
}

const { PgBoss } = await importInstalled<PgBossModule>(site, 'pg-boss');
const boss = new PgBoss({ connectionString, max: 10 });
boss.on('error', (error) => console.error(error));
await boss.start();
await boss.createQueue('accept');
serveAccepts((body) => boss.send('accept', { body }, { retryLimit: 2, retryDelay: 60 }));
