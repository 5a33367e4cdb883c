import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildGoFunction } from '../../scripts/build-go-function.ts';
import { installSite, siteDirectory } from '../../scripts/install-site.ts';
import { type Manifest, manifestSchema } from '../../src/manifest/schema.ts';
import { runCommand } from '../support/command.ts';
import { Server, showOnFailure } from '../support/project.ts';

const go = buildGoFunction();

let scratch: string;
let manifest: Manifest;
let server: Server;

beforeAll(async () => {
  installSite();
  scratch = await mkdtemp(path.join(tmpdir(), 'bgfn-e2e-site-'));
  const artifacts = path.join(scratch, 'functions');
  const built = await runCommand('bgfn-build', ['--no-cache', '--out', artifacts], {
    cwd: siteDirectory,
  });
  if (built.code !== 0) throw new Error(built.output);
  manifest = manifestSchema.parse(
    JSON.parse(await readFile(path.join(artifacts, 'manifest.json'), 'utf8')),
  );
  server = await Server.start(
    [artifacts, '--store', path.join(scratch, 'queue.db'), '--retry-delays', '0.2,0.3'],
    scratch,
  );
}, 180_000);

beforeEach(() => showOnFailure(server.command));

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

test('the build finds every function of the site with its mode', () => {
  const modes = Object.fromEntries(
    manifest.functions
      .filter(({ runtime }) => runtime === 'js')
      .map(({ name, invocationMode, timeout }) => [name, `${invocationMode} ${timeout}`]),
  );
  expect(modes).toMatchInlineSnapshot(`
    {
      "catalog-stream": "buffer 60",
      "contact": "buffer 60",
      "deploy-succeeded-background": "background 900",
      "hello-background": "background 900",
      "import-products-background": "background 900",
      "invoice-pdf-background": "background 900",
      "newsletter": "background 900",
      "nightly-cleanup": "buffer 60",
      "order-email-background": "background 900",
      "orders": "buffer 60",
      "payment-webhook-background": "background 900",
      "price-scrape-background": "background 900",
      "product-image-background": "background 900",
      "qr-code": "buffer 60",
      "search-index-background": "background 900",
      "stock-report-background": "background 900",
    }
  `);
});

/** The line that each background function prints at the end of its work. */
const background: readonly (readonly [name: string, body: unknown, line: RegExp])[] = [
  ['hello-background', { name: 'Ada' }, /Hello, Ada! This is request \S+\./],
  ['order-email-background', undefined, /E-mail for A-1042 to ada@example\.com: \d{3,} characters/],
  ['product-image-background', undefined, /Picture 150×\d+ webp, \d+ bytes/],
  ['invoice-pdf-background', undefined, /Invoice A-1042: \d{4,} bytes of PDF/],
  ['price-scrape-background', undefined, /Scraped 3 prices/],
  ['import-products-background', undefined, /Imported 3 of 4 products/],
  ['newsletter', { recipients: ['grace@example.com'] }, /Newsletter to grace@example\.com: <\S+>/],
  ['stock-report-background', undefined, /LMP-004,Workshop clamp light,0/],
  ['search-index-background', { query: 'globe' }, /"globe" finds Bedside globe/],
  [
    'deploy-succeeded-background',
    { payload: { id: 'd1', name: 'lumen' } },
    /Deploy d1 of lumen is live/,
  ],
];

describe('background functions', () => {
  test.each(background)('%s is accepted at once and does its work', async (name, body, line) => {
    const from = server.command.lines.length;
    await server.call(name, body);
    const [end] = await server.command.line(new RegExp(`${line.source}|no attempt is left`), from);
    expect(end).toMatch(line);
  });

  test('payment-webhook-background fails twice and books the payment at the third attempt', async () => {
    const id = await server.call('payment-webhook-background', { order: 'A-7', amountCents: 1200 });
    await server.command.line(new RegExp(`attempt 1, request ${id}`));
    await server.command.line(/The bank does not answer \(call 1\)/);
    await server.command.line(new RegExp(`attempt 3, request ${id}`));
    await expect(server.command.line(/Booked A-7/)).resolves.toBeTruthy();
  });

  test.skipIf(!go.built)(
    `report-background, a Go binary on aws-lambda-go${go.built ? '' : ` (left out: ${go.reason})`}`,
    async () => {
      const id = await server.call('report-background', { month: 'March', failBelow: 2 });
      await server.command.line(new RegExp(`Report for March: attempt 1 of request ${id}`));
      await server.command.line(/the figures of March are not in yet/);
      await expect(
        server.command.line(new RegExp(`Report for March: attempt 2 of request ${id}`)),
      ).resolves.toBeTruthy();
    },
  );
});

describe('sync functions', () => {
  test('orders answers on its own path with the parameter', async () => {
    const found = await fetch(`${server.url}/api/orders/A-1042`);
    expect(found.status).toBe(200);
    expect(found.headers.get('cache-control')).toBe('private, max-age=60');
    expect(await found.json()).toMatchObject({ id: 'A-1042', total: '€285.00' });
    expect((await fetch(`${server.url}/api/orders/A-1`)).status).toBe(404);
  });

  test('orders refuses another method on its path', async () => {
    expect((await fetch(`${server.url}/api/orders/A-1042`, { method: 'DELETE' })).status).toBe(405);
  });

  test('contact validates with zod and sets a cookie', async () => {
    const bad = await fetch(server.endpoint('contact'), {
      method: 'POST',
      body: JSON.stringify({ email: 'nobody', message: 'Hi there' }),
    });
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ errors: { email: [expect.any(String)] } });
    const good = await fetch(server.endpoint('contact'), {
      method: 'POST',
      body: new URLSearchParams({ email: 'ada@example.com', message: 'Where is my lamp?' }),
    });
    expect(good.status).toBe(201);
    expect(good.headers.getSetCookie()).toEqual([expect.stringMatching(/^last-ticket=/)]);
    await server.command.line(/Ticket \S+ from ada@example\.com/);
  });

  test('qr-code answers with the bytes of a picture', async () => {
    const response = await fetch(`${server.endpoint('qr-code')}?text=hello`);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect([...new Uint8Array(await response.arrayBuffer()).subarray(0, 8)]).toEqual([
      0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a,
    ]);
  });

  test('catalog-stream streams one line for each product', async () => {
    const response = await fetch(server.endpoint('catalog-stream'));
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    // A length would mean that the response was buffered until its end.
    expect(response.headers.get('content-length')).toBeNull();
    const lines = (await response.text()).trim().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
      ['LMP-001', 'LMP-002', 'LMP-003', 'LMP-004', 'LMP-005'].map((sku) =>
        expect.objectContaining({ sku }),
      ),
    );
  });
});
