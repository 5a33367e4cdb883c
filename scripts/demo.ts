/**
 * Demonstrates bgfn on the sample site: builds the site, serves it with short retry delays, calls
 * its functions, and shows a function that fails twice and then succeeds. Needs the network for the
 * packages of the sample site only.
 *
 * `npm run demo` ends by itself with a summary; `npm run demo -- --stay` keeps serving until
 * Ctrl-C.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { buildGoFunction } from './build-go-function.ts';
import { installSite, siteDirectory } from './install-site.ts';

const { values } = parseArgs({ options: { stay: { type: 'boolean', default: false } } });

const repository = path.resolve(import.meta.dirname, '..');
const nodeArguments = ['--disable-warning=ExperimentalWarning'];
const command = (file: string): string => path.join(repository, 'src', 'cli', file);

/** A background call of the demonstration. */
interface Call {
  readonly name: string;
  readonly body: string;
}

const calls: readonly Call[] = [
  { name: 'hello-background', body: '{"name":"Ada"}' },
  { name: 'order-email-background', body: '' },
  { name: 'invoice-pdf-background', body: '' },
  { name: 'product-image-background', body: '' },
  { name: 'price-scrape-background', body: '' },
  { name: 'newsletter', body: '{"recipients":["grace@example.com"]}' },
];

const goCall: Call = { name: 'report-background', body: '{"month":"March"}' };
const failingCall: Call = {
  name: 'payment-webhook-background',
  body: '{"order":"A-1042","amountCents":28500}',
};

function title(text: string): void {
  console.log(`\n${pc.bold(pc.cyan(text))}`);
}

/** The log of `bgfn serve`. Lines are printed as they arrive, and can be waited for. */
class Log {
  readonly #lines: string[] = [];
  #wake: () => void = () => {};
  #ended = false;

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface(stream).on('line', (line) => {
        console.log(`  ${line}`);
        this.#lines.push(line);
        this.#wake();
      });
    }
    child.once('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (let next = 0; ; next += 1) {
      while (next >= this.#lines.length) {
        if (this.#ended) throw new Error(`bgfn serve ended before it printed ${String(pattern)}`);
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      const match = pattern.exec(this.#lines[next] ?? '');
      if (match !== null) return match;
    }
  }
}

/** Makes a call, and prints it as a curl command together with the response. */
async function show(url: string, method: string, body = ''): Promise<Response> {
  console.log(
    `\n${pc.dim('$')} curl -i ${method === 'GET' ? '' : `-X ${method} `}${url}${body === '' ? '' : ` -d '${body}'`}`,
  );
  const startedAt = performance.now();
  const response = await fetch(url, { method, ...(body === '' ? {} : { body }) });
  console.log(
    `  ${pc.green(`${response.status} ${response.statusText}`)} ${pc.dim(`in ${Math.round(performance.now() - startedAt)} ms`)}`,
  );
  return response;
}

async function callInBackground(url: string, log: Log, { name, body }: Call): Promise<void> {
  const response = await show(`${url}/.netlify/functions/${name}`, 'POST', body);
  if (response.status !== 202) {
    throw new Error(`${name} answered ${response.status}: ${await response.text()}`);
  }
  const shortId = (response.headers.get('x-nf-request-id') ?? '').slice(-8);
  const [end] = await log.line(new RegExp(`${shortId}#\\d+ succeeded|no attempt is left`));
  if (!end.includes('succeeded')) throw new Error(`${name} has failed`);
}

async function tellStory(url: string, log: Log, withGo: boolean): Promise<void> {
  title('3. Background functions answer 202 at once and do their work afterwards');
  const told = withGo ? [...calls, goCall] : calls;
  for (const call of told) await callInBackground(url, log, call);

  title(
    '4. A function that fails is run again: here after 2 and 4 seconds, in production after 1 and 2 minutes',
  );
  await callInBackground(url, log, failingCall);

  title('5. Functions without a background mode answer themselves');
  const response = await show(`${url}/api/orders/A-1042`, 'GET');
  console.log(`  ${await response.text()}`);
}

title('1. Build the sample site, a lamp shop');
installSite();
const go = buildGoFunction();
console.log(`${pc.dim('$')} npx bgfn-build`);
const built = spawnSync(process.execPath, [...nodeArguments, command('bgfn-build.ts')], {
  cwd: siteDirectory,
  stdio: 'inherit',
});
if (built.status !== 0) process.exit(1);
if (!go.built) {
  console.log(pc.yellow(`report-background, the Go function, was left out: ${go.reason}.`));
}

const state = mkdtempSync(path.join(tmpdir(), 'bgfn-demo-'));
const store = path.join(state, 'queue.db');
title('2. Serve it');
console.log(`${pc.dim('$')} npx bgfn serve --retry-delays 2,4`);
const server = spawn(
  process.execPath,
  [
    ...nodeArguments,
    command('bgfn.ts'),
    'serve',
    '--port',
    '0',
    '--retry-delays',
    '2,4',
    '--store',
    store,
  ],
  {
    cwd: siteDirectory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(pc.isColorSupported ? { FORCE_COLOR: '1' } : {}) },
  },
);
const exited = once(server, 'close');
const log = new Log(server);
try {
  const [, url = ''] = await log.line(/(http:\/\/127\.0\.0\.1:\d+)/);
  await tellStory(url, log, go.built);
  title('6. What happened, from the store');
  console.log(`${pc.dim('$')} npx bgfn invocations list`);
  spawnSync(
    process.execPath,
    [...nodeArguments, command('bgfn.ts'), 'invocations', 'list', '--store', store],
    { stdio: 'inherit' },
  );
  if (values.stay) {
    title(`Still serving at ${url}: Ctrl-C ends it`);
    process.once('SIGINT', () => {});
    await exited;
  }
} finally {
  server.kill('SIGTERM');
  await exited;
  rmSync(state, { recursive: true, force: true });
}
const count = calls.length + (go.built ? 1 : 0);
title(
  `${count} background calls done, one more done at its third attempt, one sync call answered.${go.built ? '' : ' The Go function was left out.'}`,
);
