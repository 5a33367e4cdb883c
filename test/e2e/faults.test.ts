import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { openSqliteStore } from '../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import { startCommand } from '../support/command.ts';
import { createProject, type Project, Server } from '../support/project.ts';

const exec = promisify(execFile);

const functions: Readonly<Record<string, string>> = {
  'hello-background': `export default async () => console.log('hello');`,
  'stays-background': `
    export default async (req) => {
      const attempt = req.headers.get('x-bgfn-attempt');
      console.log('attempt ' + attempt + ' in process ' + process.pid + '.');
      if (attempt === '1') await new Promise(() => setInterval(() => {}, 1000));
    };`,
  'exits-background': `export default async () => process.exit(1);`,
  'leaks-background': `
    const kept = [];
    export default async () => { for (;;) { kept.push(Buffer.alloc(32 * 1024 * 1024, 1)); await new Promise((resolve) => setTimeout(resolve, 5)); } };`,
  'forks-background': `
    import { spawn } from 'node:child_process';
    export default async () => {
      const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
      child.unref();
      console.log('left a child: ' + child.pid + '.');
    };`,
  'stubborn-background': `
    export const config = { timeout: 1 };
    process.on('SIGTERM', () => {});
    export default async () => { console.log('stubborn'); for (;;); };`,
  'spies-background': `
    export default async () => {
      const seen = Object.entries(process.env).filter(([name, value]) => name.startsWith('BGFN_') || value.includes('s3cret'));
      console.log('saw ' + JSON.stringify(seen.map(([name]) => name).sort()) + ' and ' + process.env.GREETING);
    };`,
  'floods-background': `
    import { writeSync } from 'node:fs';
    export default async () => {
      const chunk = Buffer.alloc(1024 * 1024, 'x'.repeat(127) + '\\n');
      for (let megabytes = 0; megabytes < 1024; megabytes += 1) {
        for (let sent = 0; sent < chunk.length; ) {
          try { sent += writeSync(1, chunk, sent); } catch (error) { if (error.code !== 'EAGAIN') throw error; }
        }
      }
    };`,
};

let built: Project;

beforeAll(async () => {
  built = await createProject(
    Object.fromEntries(
      Object.entries(functions).map(([name, source]) => [`netlify/functions/${name}.mjs`, source]),
    ),
  );
  await built.build();
});

afterAll(async () => {
  await built[Symbol.asyncDispose]();
});

/** Starts a server on the shared artifacts, with a store of its own. */
function serve(
  state: Project,
  args: readonly string[] = [],
  store = state.path('queue.db'),
): Promise<Server> {
  return Server.start(
    [built.path('.netlify/functions'), '--store', store, '--admin-port', 'off', ...args],
    state.directory,
  );
}

async function lines(server: Server, pattern: RegExp, count: number): Promise<void> {
  let from = 0;
  for (let found = 0; found < count; found += 1) {
    await server.command.line(pattern, from);
    while (!pattern.test(server.command.lines[from] ?? '')) from += 1;
    from += 1;
  }
}

/**
 * Whether a process is alive. A zombie counts as dead, because the process 1 of a container may
 * never reap it.
 */
async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await exec('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

describe('bad functions', () => {
  test('a worker killed with SIGKILL is a failed attempt, and the next one succeeds', async () => {
    await using state = await createProject();
    await using server = await serve(state, ['--retry-delays', '0.1']);
    await server.call('stays-background');
    const [, pid] = await server.command.line(/attempt 1 in process (\d+)\./);
    process.kill(Number(pid), 'SIGKILL');
    await server.command.line(/attempt 1 failed .*\(crash\)/);
    const [, next] = await server.command.line(/attempt 2 in process (\d+)\./);
    expect(next).not.toBe(pid);
    await server.command.line(/stays-background.*succeeded/);
  });

  // Memory outside of Node's heap is limited on Linux only.
  test.skipIf(process.platform !== 'linux')(
    'that leak, fork, ignore SIGTERM, flood or crash repeatedly do not stop the others, and leave nothing behind',
    async () => {
      await using state = await createProject();
      await using server = await serve(state, ['--retry-delays', '0.1']);
      for (const name of [
        'leaks',
        'forks',
        'stubborn',
        'floods',
        ...Array.from({ length: 12 }, () => 'exits'),
      ]) {
        await server.call(`${name}-background`);
      }
      await lines(server, /exits-background.*crashed \d+ times in a row; it is held back/, 1);
      for (let call = 0; call < 20; call += 1) await server.call('hello-background');
      await lines(server, /hello-background.*hello$/, 20);
      const [, child] = await server.command.line(/left a child: (\d+)\./);
      await server.command.line(/leaks-background.*attempt 1 failed .*\(out-of-memory\)/);
      await server.command.line(/stubborn-background.*attempt 1 failed .*\(timeout\)/);
      await server.command.line(/floods-background.*(dropped|not kept)/);
      await server.command.line(/floods-background.*succeeded/);
      const peakMb =
        Number(
          /^VmHWM:\s+(\d+)/m.exec(
            await readFile(`/proc/${server.command.pid}/status`, 'utf8').catch(() => ''),
          )?.[1] ?? 0,
        ) / 1024;
      expect(peakMb).toBeLessThan(400);
      await server.stop();
      expect(await isAlive(Number(child))).toBe(false);
      expect((await stat(state.path('logs.db'))).size).toBeLessThan(64 * 1024 * 1024);
    },
    120_000,
  );
});

/** Mounts a small file system, or skips the test with the reason. */
async function mountSmall(context: TestContext, mount: string): Promise<void> {
  await mkdir(mount);
  try {
    await exec('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mount]);
  } catch {
    context.skip('mounting a small file system needs root on Linux');
  }
}

test('a function sees the environment of the runtime without the secrets of the runtime', async () => {
  await using state = await createProject();
  const environment = {
    BGFN_ADMIN_TOKEN: 's3cret-token',
    COPY_OF_IT: 'is s3cret-token',
    NETLIFY_AUTH_TOKEN: 's3cret',
    BGFN_STORE: 's3cret.db',
    GREETING: 'hello',
  };
  await using server = await Server.start(
    [built.path('.netlify/functions'), '--store', state.path('queue.db'), '--admin-port', '0'],
    state.directory,
    environment,
  );
  await server.call('spies-background');
  await expect(server.command.line(/saw \[\] and hello/)).resolves.toBeTruthy();
});

describe('the medium', () => {
  test('a full disk is 503 with Retry-After, never a false 202; with room again calls are accepted, and every accepted call runs', async (context) => {
    await using state = await createProject();
    const mount = state.path('disk');
    await mountSmall(context, mount);
    try {
      await using server = await serve(state, [], path.join(mount, 'queue.db'));
      await server.call('hello-background');
      await writeFile(path.join(mount, 'ballast'), Buffer.alloc(4 * 1024 * 1024)).catch(
        () => undefined,
      );
      const post = () =>
        fetch(server.endpoint('hello-background'), { method: 'POST', body: 'x'.repeat(200_000) });
      let accepted = 1;
      let response = await post();
      // A few pages that the log has freed may still be available.
      for (; response.status === 202; response = await post()) accepted += 1;
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).not.toBeNull();
      expect(response.headers.get('x-nf-request-id')).toBeNull();
      await rm(path.join(mount, 'ballast'));
      expect((await post()).status).toBe(202);
      await lines(server, /hello-background.*hello$/, accepted + 1);
      await expect(server.stop()).resolves.toBe(0);
      const store = await openSqliteStore({ file: path.join(mount, 'queue.db') });
      expect((await store.list({ limit: 100 })).map((invocation) => invocation.state)).toEqual(
        Array.from({ length: accepted + 1 }, () => 'succeeded'),
      );
      await store.close();
    } finally {
      await exec('umount', ['-l', mount]);
    }
  }, 60_000);

  test('a read-only disk is refused by name at the start, and the store works when the disk is writable again', async (context) => {
    await using state = await createProject();
    const mount = state.path('disk');
    await mountSmall(context, mount);
    try {
      await exec('mount', ['-o', 'remount,ro', mount]);
      await expect(serve(state, [], path.join(mount, 'queue.db'))).rejects.toThrow(
        /"code":2[^]*queue store .*disk\/queue\.db cannot be opened/,
      );
      await exec('mount', ['-o', 'remount,rw', mount]);
      await using server = await serve(state, [], path.join(mount, 'queue.db'));
      await server.call('hello-background');
      await server.command.line(/hello-background.*hello$/);
      await server.stop();
      await exec('mount', ['-o', 'remount,ro', mount]);
      await expect(serve(state, [], path.join(mount, 'queue.db'))).rejects.toThrow(
        /queue store .*disk\/queue\.db cannot be/,
      );
    } finally {
      await exec('umount', ['-l', mount]);
    }
  }, 60_000);

  test.each([
    ['emptied', () => Buffer.alloc(0)],
    [
      'overwritten at its head',
      (bytes: Buffer) => Buffer.concat([Buffer.alloc(4096, 'x'), bytes.subarray(4096)]),
    ],
    [
      'overwritten in its midst',
      (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, 8192), Buffer.alloc(16_384, 'x'), bytes.subarray(24_576)]),
    ],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 20_000)],
  ])('a database that was %s is refused by name and left as it is', async (_what, damage) => {
    await using state = await createProject();
    const file = state.path('queue.db');
    const store = await openSqliteStore({ file });
    await store.accept(
      Array.from({ length: 50 }, (_, index) => ({
        id: `i${index}`,
        kind: 'call' as const,
        functionName: 'hello-background',
        payload: Buffer.alloc(2000, 'p'),
        retry: { maxAttempts: 1, delaysSeconds: [], maxEventAgeSeconds: 60 },
      })),
      Date.now(),
    );
    await store.close();
    const damaged = damage(await readFile(file));
    await writeFile(file, damaged);
    await using command = startCommand(
      'bgfn',
      [
        'serve',
        built.path('.netlify/functions'),
        '--store',
        file,
        '--port',
        '0',
        '--admin-port',
        'off',
      ],
      { cwd: state.directory },
    );
    const { code } = await command.exited;
    expect(code).toBeGreaterThan(0);
    expect(command.output).toContain(`${file} is damaged`);
    expect(command.output).not.toMatch(/^\s+at /m);
    expect(await readFile(file)).toEqual(damaged);
  });
});

test('with thousands of queued invocations at the start, calls are answered while these run', async () => {
  await using state = await createProject();
  const store = await openSqliteStore({ file: state.path('queue.db') });
  const payload = Buffer.from(
    JSON.stringify({
      path: '/',
      httpMethod: 'POST',
      headers: {},
      multiValueHeaders: {},
      queryStringParameters: {},
      multiValueQueryStringParameters: {},
      body: null,
      isBase64Encoded: false,
      rawUrl: 'http://localhost/',
      rawQuery: '',
    }),
  );
  const queued = 3000;
  await store.accept(
    Array.from({ length: queued }, (_, index) => ({
      id: `i${index}`,
      kind: 'call' as const,
      functionName: 'hello-background',
      payload,
      retry: { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 60 },
    })),
    Date.now(),
  );
  await store.close();
  await using server = await serve(state);
  await server.call('forks-background');
  await server.command.line(/left a child/);
  await lines(server, /hello-background.*succeeded in/, queued);
  await expect(server.stop()).resolves.toBe(0);
}, 120_000);

describe('artifacts replaced while they are served', () => {
  test('loaded functions keep running, retries included; after a restart queued invocations run on the new version', async () => {
    await using site = await createProject({
      'netlify/functions/work-background.mjs': versioned(1),
    });
    await site.build();
    await using first = await site.serve(['--retry-delays', '0.1', '--admin-port', 'off']);
    await first.call('work-background', { fail: 1 });
    await first.command.line(/version 1, attempt 1/);
    await site.write({ 'netlify/functions/work-background.mjs': versioned(2) });
    await site.build();
    await first.command.line(/version 1, attempt 2/);
    await first.call('work-background', { fail: 0 });
    await lines(first, /version 1, attempt 1/, 2);
    await expect(first.stop()).resolves.toBe(0);

    const store = await openSqliteStore({ file: site.path('.bgfn', 'queue.db') });
    const [succeeded] = await store.list({ limit: 1, states: ['succeeded'] });
    expect(succeeded?.attempt).toBe(1);
    await store.close();
    await using second = await site.serve(['--admin-port', 'off']);
    await second.call('work-background', { fail: 0 });
    await second.command.line(/version 2, attempt 1/);
  }, 60_000);
});

function versioned(version: number): string {
  return `export default async (req) => {
    const attempt = Number(req.headers.get('x-bgfn-attempt'));
    console.log('version ${version}, attempt ' + attempt);
    if (attempt <= (await req.json()).fail) throw new Error('as it was told');
  };`;
}

describe('the retry policy of a function', () => {
  test('is read from its source and from netlify.toml, and bounds attempts and age', async () => {
    await using site = await createProject({
      'netlify.toml':
        '[functions."aged-background".retry]\ndelays_seconds = [3600]\nmax_event_age_seconds = 60\n',
      'netlify/functions/twice-background.mjs': `export const config = { retry: { maxAttempts: 2, delaysSeconds: [0.1] } };\nexport default async () => { throw new Error('again'); };`,
      'netlify/functions/aged-background.mjs': `export default async () => { throw new Error('too late'); };`,
      'netlify/functions/usual-background.mjs': `export default async () => { throw new Error('as usual'); };`,
    });
    await site.build();
    await using server = await site.serve(['--admin-port', 'off']);
    const ids = await Promise.all(
      ['twice', 'aged', 'usual'].map((name) => server.call(`${name}-background`)),
    );
    await server.command.line(/twice-background.*attempt 2 failed/);
    await server.command.line(/aged-background.*attempt 1 failed/);
    await server.command.line(/usual-background.*attempt 1 failed/);
    await server.stop();
    const store = await openSqliteStore({ file: site.path('.bgfn', 'queue.db') });
    const [twice, aged, usual] = await Promise.all(ids.map((id) => store.get(id)));
    await store.close();
    expect(twice?.invocation).toMatchObject({
      state: 'failed',
      attempt: 2,
      lastError: { message: 'again' },
    });
    expect(aged?.invocation).toMatchObject({
      state: 'failed',
      attempt: 1,
      lastError: { message: 'too late' },
    });
    expect(usual?.invocation).toMatchObject({
      state: 'queued',
      attempt: 1,
      retry: { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 },
    });
  }, 60_000);
});
