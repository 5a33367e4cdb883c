import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  appendFile,
  mkdir,
  mkdtemp,
  mkdtempDisposable,
  open,
  readdir,
  readFile,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startRuntime } from '../../src/runtime/index.ts';
import { openSqliteStore } from '../../src/runtime/queue/sqlite/open-sqlite-store.ts';
import { onChange } from '../support/on-change.ts';
import type { TestFunction } from './support/artifacts.ts';
import { Rig, sendRaw } from './support/rig.ts';

/** The source of a function that answers once a file exists. */
const gated = (file: string): string =>
  `import { existsSync } from "node:fs"; export const handler = async (event) => { console.log("started"); while (!existsSync(${JSON.stringify(file)})) await new Promise((r) => setTimeout(r, 5)); return { statusCode: 200, body: "done" }; };`;

/**
 * Deploys a function whose zip is a pipe: a reload blocks until the test writes the zip into the
 * pipe.
 */
async function deployHalf(rig: Rig, fn: TestFunction) {
  const zip = path.join(rig.root, 'artifacts', `${fn.name}.zip`);
  await rig.deploy([fn]);
  const bytes = await readFile(zip);
  await rm(zip);
  await promisify(execFile)('mkfifo', [zip]);
  // The open blocks until the reload reads.
  const asked = open(zip, 'w');
  return {
    asked,
    async deliver() {
      const pipe = await asked;
      await pipe.writeFile(bytes);
      await pipe.close();
    },
  };
}

describe('starting', () => {
  test('refuses a directory without a manifest and leaves nothing open', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'bgfn-start-'));
    await expect(
      startRuntime({
        artifactsDirectory: path.join(root, 'none'),
        storeFile: path.join(root, 'queue.db'),
        port: 0,
      }),
    ).rejects.toMatchObject({ code: 'MANIFEST_MISSING', kind: 'config' });
    expect(await readdir(root)).toEqual([]);
    await rm(root, { recursive: true });
  });

  test('reports that a port is taken, and the flag that chooses another port', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await expect(Rig.start([{ name: 'a' }], { port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      kind: 'usage',
      hint: expect.stringContaining('--port'),
    });
    await expect(Rig.start([{ name: 'a' }], { adminPort: port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      hint: expect.stringContaining('--admin-port'),
    });
    taken.close();
  });

  test('reports that a host is not an address of this machine', async () => {
    await expect(Rig.start([{ name: 'a' }], { host: '203.0.113.1' })).rejects.toMatchObject({
      code: 'HOST_UNKNOWN',
    });
  });

  test('runs the invocations that an earlier runtime left in the queue', async () => {
    await using rig = await Rig.start(
      [
        {
          name: 'work-background',
          source: 'export const handler = async (e) => console.log("ran " + e.body);',
        },
      ],
      { concurrency: 1 },
    );
    const store = await openSqliteStore({ file: path.join(rig.root, 'state', 'queue.db') });
    const payload = Buffer.from(
      JSON.stringify({ headers: {}, multiValueHeaders: {}, body: 'from before' }),
    );
    await store.accept(
      [
        {
          id: 'OLD',
          kind: 'call',
          functionName: 'work-background',
          payload,
          retry: { maxAttempts: 1, delaysSeconds: [], maxEventAgeSeconds: 3600 },
        },
      ],
      Date.now(),
    );
    await store.close();
    expect(await rig.line(/ran from before/)).toMatchObject({ invocationId: 'OLD', attempt: 1 });
  });
});

describe('reloading', () => {
  test('swaps functions without dropping running calls, and queued invocations run on the new version', async () => {
    await using gates = await mkdtempDisposable(path.join(tmpdir(), 'bgfn-gate-'));
    const gate = path.join(gates.path, 'open');
    await using rig = await Rig.start([{ name: 'slow', source: gated(gate) }, { name: 'gone' }]);
    const running = rig.call('/.netlify/functions/slow');
    await rig.line(/^started$/);
    await rig.deploy([
      {
        name: 'slow',
        source: 'export const handler = async () => ({ statusCode: 200, body: "new" });',
      },
      { name: 'added' },
    ]);
    await rig.runtime.reload();
    expect(rig.runtime.functions().map(({ name }) => name)).toEqual(['slow', 'added']);
    expect(await (await rig.call('/.netlify/functions/slow')).text()).toBe('new');
    expect((await rig.call('/.netlify/functions/gone')).status).toBe(404);
    expect((await rig.call('/.netlify/functions/added')).status).toBe(200);
    await writeFile(gate, '');
    expect(await (await running).text()).toBe('done');
  });

  test('twice at once leaves the last deployment in place', async () => {
    await using rig = await Rig.start([{ name: 'first' }]);
    const slow = await deployHalf(rig, { name: 'second' });
    const reloads = [rig.runtime.reload()];
    await slow.asked;
    await rig.deploy([{ name: 'third' }]);
    reloads.push(rig.runtime.reload(), rig.runtime.reload());
    expect(reloads[2]).toBe(reloads[1]);
    // A second reload that did not wait for the first would end before the first.
    await rig.call('/.netlify/functions/first');
    await slow.deliver();
    await Promise.all(reloads);
    expect(rig.runtime.functions().map(({ name }) => name)).toEqual(['third']);
  });

  test('changes nothing once the runtime is closing', async () => {
    await using rig = await Rig.start([{ name: 'first' }]);
    const slow = await deployHalf(rig, { name: 'second', schedule: '0 0 1 1 *' });
    const reloaded = rig.runtime.reload().catch((error: unknown) => error);
    await slow.asked;
    await rig.runtime.close();
    await slow.deliver();
    expect(await reloaded).toMatchObject({ code: 'RUNTIME_CLOSING' });
    expect(rig.runtime.functions().map(({ name }) => name)).toEqual(['first']);
  });

  test('keeps the old deployment when the new one is broken', async () => {
    await using rig = await Rig.start([{ name: 'hello' }]);
    await appendFile(path.join(rig.root, 'artifacts', 'hello.zip'), 'x');
    await expect(rig.runtime.reload()).rejects.toMatchObject({ code: 'ARTIFACT_MISMATCH' });
    expect(await (await rig.call('/.netlify/functions/hello')).text()).toBe('ok');
  });
});

describe('closing', () => {
  test('lets a sync call finish and takes no new calls', async () => {
    await using gates = await mkdtempDisposable(path.join(tmpdir(), 'bgfn-gate-'));
    const gate = path.join(gates.path, 'open');
    await using rig = await Rig.start([{ name: 'slow', source: gated(gate) }]);
    const running = rig.call('/.netlify/functions/slow');
    await rig.line(/^started$/);
    const closing = rig.runtime.close({ drainTimeoutMs: 30_000 });
    await expect(sendRaw(rig.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await writeFile(gate, '');
    expect(await (await running).text()).toBe('done');
    await closing;
  });

  test('waits for as long as it is asked to, even longer than the longest timer of Node', async () => {
    await using gates = await mkdtempDisposable(path.join(tmpdir(), 'bgfn-gate-'));
    const gate = path.join(gates.path, 'open');
    await using rig = await Rig.start([{ name: 'slow-background', source: gated(gate) }]);
    const id =
      (await rig.call('/.netlify/functions/slow-background', { method: 'POST' })).headers.get(
        'x-nf-request-id',
      ) ?? '';
    await rig.line(/^started$/);
    const closing = rig.runtime.close({ drainTimeoutMs: 30 * 86_400_000 });
    // Rounds of the event loop, in which a timer with too long a delay would fire.
    for (let calls = 0; calls < 20; calls += 1) {
      await expect(sendRaw(rig.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      });
    }
    await writeFile(gate, '');
    await closing;
    const store = await openSqliteStore({ file: path.join(rig.root, 'state', 'queue.db') });
    expect((await store.get(id))?.invocation.state).toBe('succeeded');
    await store.close();
  });

  test('cuts off calls that do not end, answers sync ones with 503, and puts invocations back without counting the attempt', async () => {
    await using rig = await Rig.start([
      { name: 'slow', source: gated('/nonexistent/file') },
      { name: 'work-background', source: gated('/nonexistent/file') },
    ]);
    const running = rig.call('/.netlify/functions/slow');
    const id =
      (await rig.call('/.netlify/functions/work-background', { method: 'POST' })).headers.get(
        'x-nf-request-id',
      ) ?? '';
    await rig.line(/^started$/, 2);
    await rig.runtime.close({ drainTimeoutMs: 1 });
    expect((await running).status).toBe(503);
    const store = await openSqliteStore({ file: path.join(rig.root, 'state', 'queue.db') });
    expect((await store.get(id))?.invocation).toMatchObject({ state: 'queued', attempt: 0 });
    await store.close();
  });
});

describe('a store that cannot write', () => {
  test('answers a background call with 503 and Retry-After, never with a false 202, while sync calls work', async () => {
    await using rig = await Rig.start([{ name: 'work-background' }, { name: 'hello' }]);
    // In place of a full disk, another process holds the write lock, as a hung backup would.
    const { DatabaseSync } = await import('node:sqlite');
    const other = new DatabaseSync(path.join(rig.root, 'state', 'queue.db'));
    other.exec('BEGIN IMMEDIATE');
    const response = await rig.call('/.netlify/functions/work-background', { method: 'POST' });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect((await rig.call('/.netlify/functions/hello')).status).toBe(200);
    other.exec('ROLLBACK');
    other.close();
    expect((await rig.call('/.netlify/functions/work-background', { method: 'POST' })).status).toBe(
      202,
    );
  });
});

describe('too many sync calls of one function', () => {
  test('wait their turn, and beyond the limit get 503 at once', async () => {
    await using gates = await mkdtempDisposable(path.join(tmpdir(), 'bgfn-gate-'));
    const gate = path.join(gates.path, 'open');
    await using rig = await Rig.start([{ name: 'slow', source: gated(gate) }], {
      syncConcurrency: 1,
      syncQueue: 1,
    });
    const first = rig.call('/.netlify/functions/slow');
    await rig.line(/^started$/);
    const more = [rig.call('/.netlify/functions/slow'), rig.call('/.netlify/functions/slow')];
    const refused = await Promise.race(more);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    await writeFile(gate, '');
    expect(
      (await Promise.all([first, ...more])).map(({ status }) => status).toSorted((a, b) => a - b),
    ).toEqual([200, 200, 503]);
  });
});

describe('a streamed answer', () => {
  const stream = (body: string): string =>
    `export const handler = awslambda.streamifyResponse(async (event, responseStream) => { const out = awslambda.HttpResponseStream.from(responseStream, { statusCode: 201, headers: { "content-type": "text/plain", "x-a": "1" } }); ${body} });`;

  test('arrives piece by piece, with its status and headers', async () => {
    await using gates = await mkdtempDisposable(path.join(tmpdir(), 'bgfn-gate-'));
    const gate = path.join(gates.path, 'open');
    const body = `const { existsSync } = await import("node:fs"); out.write("first "); while (!existsSync(${JSON.stringify(gate)})) await new Promise((r) => setTimeout(r, 5)); out.end("last");`;
    await using rig = await Rig.start([
      { name: 'flow', invocationMode: 'stream', source: stream(body) },
    ]);
    const response = await rig.call('/.netlify/functions/flow');
    expect(response.status).toBe(201);
    expect(response.headers.get('x-a')).toBe('1');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('first ');
    await writeFile(gate, '');
    expect((await reader.read()).value).toBe('last');
    expect((await reader.read()).done).toBe(true);
  });

  test('that breaks off looks broken to the caller, not complete', async () => {
    await using rig = await Rig.start([
      {
        name: 'flow',
        invocationMode: 'stream',
        source: stream(
          'out.write("some"); setTimeout(() => process.exit(1), 50); await new Promise(() => {});',
        ),
      },
    ]);
    const response = await rig.call('/.netlify/functions/flow');
    await expect(response.text()).rejects.toThrow('terminated');
  });
});

describe('housekeeping', () => {
  test('deletes extracted artifacts that nobody has used for hours, and no others', async () => {
    await using state = await mkdtempDisposable(path.join(tmpdir(), 'bgfn-house-'));
    const root = state.path;
    const extracted = path.join(root, 'functions');
    await mkdir(path.join(extracted, 'abandoned-0123'), { recursive: true });
    await mkdir(path.join(extracted, 'fresh-0123'));
    await utimes(path.join(extracted, 'abandoned-0123'), 0, 0);
    await using rig = await Rig.start([{ name: 'hello' }], {
      storeFile: path.join(root, 'queue.db'),
    });
    await onChange(extracted, () => !existsSync(path.join(extracted, 'abandoned-0123')));
    expect((await readdir(extracted)).map((name) => name.split('-')[0])).toEqual([
      'fresh',
      'hello',
    ]);
    expect((await rig.call('/.netlify/functions/hello')).status).toBe(200);
  });
});
