import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../test/support/free-port.ts';

/** The database server of a peer, with a temporary data directory. */
export interface StoreServer extends AsyncDisposable {
  readonly address: string;
}

/**
 * Starts a Redis that writes every command to the disk before it answers (appendfsync always),
 * which is as durable as bgfn's 202. Undefined when Redis is not installed.
 */
export async function startRedis(): Promise<StoreServer | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined;
  const directory = mkdtempSync(path.join(tmpdir(), 'bgfn-bench-redis-'));
  const port = await freePort();
  const child = spawn('redis-server', [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    directory,
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
  ]);
  await said(child, /Ready to accept connections/);
  return { address: String(port), [Symbol.asyncDispose]: () => end(child, directory, 'SIGTERM') };
}

/**
 * Starts PostgreSQL with the defaults of initdb (fsync and synchronous_commit on). Undefined when
 * PostgreSQL is not installed.
 */
export async function startPostgres(): Promise<StoreServer | undefined> {
  const programs = postgresPrograms();
  if (programs === undefined) return undefined;
  const directory = mkdtempSync(path.join(tmpdir(), 'bgfn-bench-postgres-'));
  const data = path.join(directory, 'data');
  mkdirSync(data);
  // PostgreSQL refuses to run as root.
  const user = process.getuid?.() === 0 ? identityOf('postgres') : undefined;
  if (user !== undefined) {
    for (const owned of [directory, data]) chownSync(owned, user.uid, user.gid);
  }
  execFileSync(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'bench', '--auth', 'trust', '-E', 'UTF8'],
    { stdio: 'ignore', cwd: directory, ...user },
  );
  const port = await freePort();
  const child = spawn(
    path.join(programs, 'postgres'),
    ['-D', data, '-p', String(port), '-k', directory, '-c', 'listen_addresses=127.0.0.1'],
    { cwd: directory, ...user },
  );
  await said(child, /ready to accept connections/);
  return {
    address: `postgres://bench@127.0.0.1:${port}/postgres`,
    [Symbol.asyncDispose]: () => end(child, directory, 'SIGINT'),
  };
}

function postgresPrograms(): string | undefined {
  const versions = '/usr/lib/postgresql';
  const installed = existsSync(versions)
    ? readdirSync(versions).toSorted((a, b) => Number(b) - Number(a))
    : [];
  return installed
    .map((version) => path.join(versions, version, 'bin'))
    .find((programs) => existsSync(path.join(programs, 'initdb')));
}

function identityOf(user: string): { readonly uid: number; readonly gid: number } {
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function said(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        if (lines.length < 50) lines.push(line);
        if (pattern.test(line)) resolve();
      });
    }
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`${child.spawnfile} ended with ${code}:\n${lines.join('\n')}`)),
    );
  });
}

async function end(child: ChildProcess, directory: string, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null) {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  rmSync(directory, { recursive: true, force: true });
}
