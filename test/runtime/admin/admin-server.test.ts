import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseExposition } from '../support/exposition.ts';
import { Rig, sendRaw } from '../support/rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start([{ name: 'work-background' }]);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const raw = (request: string): Promise<string> =>
  sendRaw(Number(new URL(rig.runtime.adminUrl ?? '').port), request);

describe('the admin port', () => {
  test.each(['/healthz', '/readyz', '/'])('answers GET %s', async (pathname) => {
    expect((await rig.admin(pathname)).status).toBe(200);
  });

  test('serves every file of the page', async () => {
    const files = await readdir(new URL('../../../src/runtime/admin/page', import.meta.url));
    const served = files.filter((name) => name !== 'index.html');
    expect(served.length).toBeGreaterThan(0);
    for (const name of served) {
      const { status, headers } = await rig.admin(`/${name}`);
      expect([name, status]).toEqual([name, 200]);
      expect(headers.get('content-type')).toMatch(
        name.endsWith('.css') ? /^text\/css/ : /^text\/javascript/,
      );
    }
  });

  test('renders the metrics in the format of Prometheus', async () => {
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
  ])('does not report a request for %s as a bug', async (target, status) => {
    expect(
      await raw(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    ).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(rig.lines.filter(({ text }) => text.startsWith('The admin API failed'))).toEqual([]);
  });

  test('is alive but not ready while the queue cannot be written', async () => {
    await using broken = await Rig.start([{ name: 'a' }]);
    const status = async (target: string) => (await broken.admin(target)).status;
    expect([await status('/readyz'), await status('/healthz')]).toEqual([200, 200]);
    const file = path.join(broken.root, 'state', 'queue.db');
    await rename(file, `${file}.away`);
    expect([await status('/readyz'), await status('/healthz')]).toEqual([503, 200]);
    await rename(`${file}.away`, file);
    expect(await status('/readyz')).toBe(200);
  });

  test('does not start without a token where other machines can reach it', async () => {
    await expect(Rig.start([{ name: 'a' }], { adminHost: '0.0.0.0' })).rejects.toMatchObject({
      code: 'ADMIN_TOKEN_MISSING',
      kind: 'usage',
    });
  });

  test('requires the token, if there is one, in every request except probes', async () => {
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
