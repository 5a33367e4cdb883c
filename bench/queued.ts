/**
 * Measures a long queue (the cost of 100,000 queued invocations at the start, in memory and at each
 * claim) and the time from the 202 to the first line of the function. `bgfn serve` as a process of
 * its own; needs `dist` (npm run build).
 *
 * `node bench/queued.ts [--queued 100000] [--calls 300] [--rounds 3]`
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openSqliteStore } from '../src/runtime/queue/sqlite/open-sqlite-store.ts';
import { bgfnCommand, buildSite } from './lib/bgfn.ts';
import { startTarget } from './lib/load.ts';
import { median } from './lib/measure.ts';
import { scratchDirectory } from './lib/project.ts';
import { loadLine, machineLine, markdownTable } from './lib/report.ts';

const { values } = parseArgs({
  options: {
    queued: { type: 'string', default: '100000' },
    calls: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '3' },
  },
});
const many = Number(values.queued);
const site = path.join(scratchDirectory, 'queued-site');
const journal = path.join(site, 'journal');
const retry = { maxAttempts: 3, delaysSeconds: [60, 120], maxEventAgeSeconds: 21_600 };
/** The size of the payload of a small JSON call. */
const payload = Buffer.alloc(1000, 'p');
const dayMs = 86_400_000;

const loadBefore = loadLine();
await writeSite();
const claims = [await claimTime(100), await claimTime(many)];
const starts: { readonly startMs: number; readonly idleMb: number }[] = [];
for (const queued of [0, many]) {
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round += 1) {
    rounds.push(await startWith(queued));
  }
  starts.push({
    startMs: median(rounds.map(({ startMs }) => startMs)),
    idleMb: median(rounds.map(({ idleMb }) => idleMb)),
  });
}
const way = await wayToUserCode(Number(values.calls));

console.log(`${machineLine()}; ${loadBefore} before, ${loadLine()} after\n`);
console.log(
  markdownTable(
    ['', 'little queued', `${many} queued`],
    [
      ['a claim of 8, median (100 queued / all)', ...claims.map((ms) => `${ms.toFixed(2)} ms`)],
      [
        'from the start of the process until it serves, median (0 queued / all)',
        ...starts.map(({ startMs }) => `${Math.round(startMs)} ms`),
      ],
      [
        'resident memory of the runtime, idle (0 queued / all)',
        ...starts.map(({ idleMb }) => `${Math.round(idleMb)} MB`),
      ],
    ],
  ),
);
console.log(
  `\nFrom the 202 at the caller to the first line of a warm function, ${way.length} calls one after the other: p50 ${percentile(way, 0.5)} ms, p90 ${percentile(way, 0.9)} ms, p99 ${percentile(way, 0.99)} ms.`,
);

function percentile(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2);
}

async function writeSite(): Promise<void> {
  await rm(site, { recursive: true, force: true });
  await mkdir(path.join(site, 'netlify', 'functions'), { recursive: true });
  await writeFile(path.join(site, 'package.json'), '{"name":"queued-site","private":true}');
  const first = `export default async () => { const now = process.hrtime.bigint(); (await import('node:fs')).appendFileSync(${JSON.stringify(journal)}, now + '\\n'); };`;
  await writeFile(path.join(site, 'netlify', 'functions', 'first-line-background.mjs'), first);
  buildSite(site);
}

/** A new store with `queued` invocations that are due at `dueAtMs`. */
async function filledStore(
  file: string,
  queued: number,
  dueAtMs: number,
): ReturnType<typeof openSqliteStore> {
  await rm(path.dirname(file), { recursive: true, force: true });
  const store = await openSqliteStore({ file });
  for (let from = 0; from < queued; from += 1000) {
    await store.accept(
      Array.from({ length: Math.min(1000, queued - from) }, (_, index) => ({
        id: `call-${from + index}`,
        kind: 'call' as const,
        functionName: 'first-line-background',
        payload,
        retry,
      })),
      dueAtMs,
    );
  }
  return store;
}

async function claimTime(queued: number): Promise<number> {
  const store = await filledStore(path.join(site, 'claims', 'queue.db'), queued, Date.now());
  const times: number[] = [];
  for (let index = 0; index < 12; index += 1) {
    const startedAtMs = performance.now();
    await store.claim({
      owner: 'bench',
      free: { 'first-line-background': 8 },
      limit: 8,
      nowMs: Date.now(),
      leaseMs: 30_000,
    });
    times.push(performance.now() - startedAtMs);
  }
  await store.close();
  return median(times);
}

async function startWith(
  queued: number,
): Promise<{ readonly startMs: number; readonly idleMb: number }> {
  // Due tomorrow, so that the runtime is idle.
  const store = await filledStore(path.join(site, '.bgfn', 'queue.db'), queued, Date.now() + dayMs);
  await store.close();
  const startedAtMs = performance.now();
  await using target = await serve();
  const startMs = performance.now() - startedAtMs;
  await delay(3000);
  return { startMs, idleMb: target.memory()?.ownMb ?? Number.NaN };
}

/**
 * Sorted times of all calls from the 202 to the function's first line, in ms. Both ends read the
 * machine's monotonic clock, which is the same in every process.
 */
async function wayToUserCode(calls: number): Promise<readonly number[]> {
  await rm(path.join(site, '.bgfn'), { recursive: true, force: true });
  await using target = await serve();
  const answered: bigint[] = [];
  const call = async (): Promise<void> => {
    const response = await fetch(`${target.url}/.netlify/functions/first-line-background`, {
      method: 'POST',
      body: '{}',
    });
    answered.push(process.hrtime.bigint());
    if (response.status !== 202) throw new Error(`answered ${response.status}`);
    await response.arrayBuffer();
    await linesOf(answered.length);
  };
  for (let warmUp = 0; warmUp < 20; warmUp += 1) await call();
  for (let index = 0; index < calls; index += 1) await call();
  const reached = (await linesOf(answered.length)).map(BigInt);
  return answered
    .map((atNs, index) => Number((reached[index] ?? 0n) - atNs) / 1e6)
    .slice(20)
    .toSorted((a, b) => a - b);
}

async function linesOf(count: number): Promise<readonly string[]> {
  for (;;) {
    const lines = (await readFile(journal, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    if (lines.length >= count) return lines;
    await delay(2);
  }
}

function serve(): ReturnType<typeof startTarget> {
  return startTarget(bgfnCommand('serve', '--port', '0'), site);
}
