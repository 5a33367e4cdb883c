import { rename } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseExposition } from '../support/exposition.ts';
import { Rig, sendRaw } from '../support/rig.ts';

const source =
  'export const handler = async (event) => { console.log("ran with " + event.body + " " + (event.headers["x-netlify-event"] ?? "")); if (event.body === "bad") throw new Error("no"); };';
let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start(
    [
      { name: 'work-background', source },
      { name: 'deploy-succeeded', source },
      { name: 'listener', source, eventSubscriptions: ['deploy_succeeded'] },
      { name: 'hourly', source, schedule: '0 * * * *' },
    ],
    { retryDelaysSeconds: [0, 0] },
  );
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const raw = (request: string): Promise<string> =>
  sendRaw(Number(new URL(rig.runtime.adminUrl ?? '').port), request);
const post = (target: string, body?: unknown) =>
  rig.admin(target, {
    method: 'POST',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

describe('the admin API', () => {
  test('lists the functions with their next run', async () => {
    const { functions } = (await (await rig.admin('/api/functions')).json()) as {
      functions: readonly { name: string; nextRun: string | null }[];
    };
    expect(functions.map(({ name }) => name)).toEqual([
      'work-background',
      'deploy-succeeded',
      'listener',
      'hourly',
    ]);
    expect(functions[3]!.nextRun).toMatch(/:00:00\.000Z$/);
    expect(functions[0]!.nextRun).toBe(null);
  });

  test('runs a function, shows its invocation, and retries a failed one', async () => {
    const { id } = (await (
      await post('/api/functions/work-background/invoke', { body: 'bad' })
    ).json()) as { id: string };
    await rig.line(/no attempt is left/);
    expect(
      await (await rig.admin('/api/invocations?state=failed&function=work-background')).json(),
    ).toMatchObject({ invocations: [{ id, state: 'failed' }] });
    const accepted = async (query: string) =>
      (
        (await (await rig.admin(`/api/invocations?${query}`)).json()) as {
          invocations: readonly unknown[];
        }
      ).invocations.length;
    expect([
      await accepted('since=0'),
      await accepted(`since=${Date.now() + 60_000}`),
      await accepted('until=1'),
    ]).toEqual([1, 0, 0]);
    expect(await (await post(`/api/invocations/${id}/cancel`)).json()).toMatchObject({
      errorType: 'WrongState',
    });
    const retried = await post(`/api/invocations/${id}/retry`);
    expect(retried.status).toBe(200);
    expect(await retried.json()).toMatchObject({ invocation: { id } });
  });

  test('fires a platform event for every function that listens to it', async () => {
    const { invocations } = (await (
      await post('/api/events/deploy_succeeded', '{"payload":{}}')
    ).json()) as { invocations: readonly { functionName: string }[] };
    expect(invocations.map(({ functionName }) => functionName)).toEqual([
      'deploy-succeeded',
      'listener',
    ]);
    await rig.line(/ran with \{"payload":\{\}\} deploy_succeeded/);
  });

  test.each([
    ['GET', '/api/invocations/none', 404],
    ['POST', '/api/invocations/none/retry', 404],
    ['POST', '/api/functions/none/invoke', 404],
    ['GET', '/api/none', 404],
    ['DELETE', '/api/functions', 405],
    ['GET', '/api/invocations?state=odd', 400],
    ['GET', '/api/invocations?limit=0', 400],
    ['GET', '/api/invocations?since=yesterday', 400],
    ['POST', '/api/invocations/retry?limit=x', 400],
    ['GET', '/api/logs?limit=x', 400],
    ['GET', '/healthz', 200],
    ['GET', '/readyz', 200],
    ['GET', '/', 200],
  ])('answers %s %s with %i', async (method, target, status) => {
    expect((await rig.admin(target, { method })).status).toBe(status);
  });

  test('refuses a call that is not one', async () => {
    expect((await post('/api/functions/work-background/invoke', 'not json')).status).toBe(400);
    expect(
      (await post('/api/functions/work-background/invoke', { method: 'no spaces' })).status,
    ).toBe(400);
    expect(
      (await post('/api/functions/work-background/invoke', 'x'.repeat(1_048_577))).status,
    ).toBe(413);
  });

  test('gives the metrics in the form Prometheus reads', async () => {
    await rig.call('/.netlify/functions/work-background', { method: 'POST' });
    const text = await (await rig.admin('/metrics')).text();
    expect(text).toContain('bgfn_invocations_accepted_total{function="work-background"}');
    expect(text).toMatch(/bgfn_invocations\{function="work-background",state="queued"\} \d+/);
    const families = parseExposition(text);
    expect(families.get('bgfn_invocations_accepted_total')?.type).toBe('counter');
    for (const [name, { type, samples }] of families) {
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(samples.length).toBeGreaterThan(0);
    }
  });

  test('follows the log as server-sent events and goes on where a reader left off', async () => {
    await post('/api/functions/work-background/invoke', { body: 'first' });
    const { body } = await rig.admin('/api/logs?follow=1&function=work-background');
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    const until = async (text: string): Promise<string> => {
      let seen = '';
      while (!seen.includes(text)) seen += (await reader.read()).value ?? '';
      return seen;
    };
    await until('ran with first');
    await post('/api/functions/work-background/invoke', { body: 'second' });
    const seen = await until('ran with second');
    await reader.cancel();
    const last = /id: (\d+)\ndata: [^\n]*ran with second/.exec(seen)?.[1] ?? '';
    const { lines } = (await (
      await rig.admin('/api/logs', { headers: { 'last-event-id': last } })
    ).json()) as { lines: readonly { text: string; sequence: number }[] };
    expect(lines.every(({ sequence }) => sequence > Number(last))).toBe(true);
  });
});

describe('the admin port', () => {
  const forbidden: readonly (readonly [string, string, RegExp])[] = [
    [
      'under another name (DNS rebinding)',
      'GET /api/functions HTTP/1.1\r\nHost: evil.test\r\n',
      /^HTTP\/1\.1 421/,
    ],
    [
      'from a page of another origin',
      'POST /api/events/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nOrigin: http://evil.test\r\n',
      /^HTTP\/1\.1 403/,
    ],
    [
      'from a page without an origin',
      'POST /api/events/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nOrigin: null\r\n',
      /^HTTP\/1\.1 403/,
    ],
    [
      'from another site, as the browser says',
      'GET /api/functions HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n',
      /^HTTP\/1\.1 403/,
    ],
    [
      'from another port of this machine',
      'GET /api/functions HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-site\r\n',
      /^HTTP\/1\.1 403/,
    ],
    [
      'by a form of another site',
      'POST /api/events/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n',
      /^HTTP\/1\.1 403/,
    ],
  ];
  test.each(forbidden)('refuses a request %s', async (_what, request, status) => {
    expect(await raw(`${request}Connection: close\r\n\r\n`)).toMatch(status);
  });

  test.each([
    ['localhost', 'GET / HTTP/1.1\r\nHost: localhost:1\r\n'],
    ['[::1]', 'GET / HTTP/1.1\r\nHost: [::1]:1\r\n'],
    [
      'its own page',
      'GET / HTTP/1.1\r\nHost: localhost:1\r\nOrigin: http://localhost:1\r\nSec-Fetch-Site: same-origin\r\n',
    ],
    [
      'a link on another site that opens the page',
      'GET / HTTP/1.1\r\nHost: localhost:1\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n',
    ],
  ])('answers %s', async (_what, request) => {
    expect(await raw(`${request}Connection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200/);
  });

  test.each([
    ['//', '404'],
    ['//[', '404'],
    ['http://[/', '400'],
    ['*', '400'],
  ])('takes a request for %s for no bug of its own', async (target, status) => {
    expect(
      await raw(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    ).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(rig.lines.filter(({ text }) => text.startsWith('The admin API failed'))).toEqual([]);
  });

  test('is not ready while the queue cannot be written, and alive all the same', async () => {
    await using broken = await Rig.start([{ name: 'a' }]);
    const status = async (target: string) => (await broken.admin(target)).status;
    expect([await status('/readyz'), await status('/healthz')]).toEqual([200, 200]);
    const file = path.join(broken.root, 'state', 'queue.db');
    await rename(file, `${file}.away`);
    expect([await status('/readyz'), await status('/healthz')]).toEqual([503, 200]);
    await rename(`${file}.away`, file);
    expect(await status('/readyz')).toBe(200);
  });

  test('does not start where others can reach it without a token', async () => {
    await expect(Rig.start([{ name: 'a' }], { adminHost: '0.0.0.0' })).rejects.toMatchObject({
      code: 'ADMIN_TOKEN_MISSING',
      kind: 'usage',
    });
  });

  test('asks for the token when there is one, in every request but the probes', async () => {
    await using guarded = await Rig.start([{ name: 'a' }], { adminToken: 'sesame' });
    const status = async (target: string, authorization?: string) =>
      (
        await guarded.admin(
          target,
          authorization === undefined ? {} : { headers: { authorization } },
        )
      ).status;
    const basic = (user: string, password: string): string =>
      `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    expect(await status('/api/functions')).toBe(401);
    expect(await status('/metrics')).toBe(401);
    expect(await status('/healthz')).toBe(200);
    expect(await status('/api/functions', 'Bearer wrong')).toBe(401);
    expect(await status('/api/functions', 'Bearer')).toBe(401);
    expect(await status('/api/functions', 'Bearer sesame')).toBe(200);
    expect(await status('/api/functions', basic('anyone', 'sesame'))).toBe(200);
    expect(await status('/api/functions', basic('sesame', ''))).toBe(401);
  });
});
