/**
 * The runtime under load. Compares durable 202s with a bare node:http server that reads the body
 * and keeps nothing, BullMQ on Redis (appendfsync always), pg-boss on PostgreSQL, and `netlify
 * functions:serve`; compares sync functions with the last of these. A peer whose parts are missing
 * is skipped and named: redis-server, PostgreSQL, or BGFN_NETLIFY_CLI (the bin/run.js of
 * netlify-cli). One server at a time, in turn; the load generator is a process of its own. Needs
 * `dist` (npm run build).
 *
 * The background function waits, like most background work: eight runs are active all the time and
 * leave the processors to the accepts. (netlify-cli has no queue: it begins a run, in a thread of
 * its own, for each call.)
 *
 * `node bench/serve.ts [--rounds 3] [--seconds 5] [--only background|sync] [--connections 50]`
 *
 * `--connections` is for the background calls; sync calls use two connections. Ratios are medians
 * of the ratios of each round, whose contenders ran in direct succession. Memory is read right
 * after the load: of the server's process, and of all its processes together (a shared page is
 * counted once).
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bgfnCommand, buildSite, peer } from './lib/bgfn.ts';
import { load, type LoadResult, type LoadTarget, startTarget } from './lib/load.ts';
import { median } from './lib/measure.ts';
import type { MemoryUse } from './lib/memory.ts';
import { installQueues, prepareProject, scratchDirectory } from './lib/project.ts';
import { loadLine, machineLine, markdownTable, times } from './lib/report.ts';
import { startPostgres, startRedis } from './lib/stores.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string' },
    connections: { type: 'string', default: '50' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

const { directory: installDirectory } = await prepareProject();
const queuesDirectory = await installQueues();
const site = path.join(scratchDirectory, 'serve-site');
const netlifyCli = process.env['BGFN_NETLIFY_CLI'];
await using redis = await startRedis();
await using postgres = await startPostgres();

const functions: Readonly<Record<string, string>> = {
  'accept-background.mjs':
    'export default () => new Promise((resolve) => setTimeout(resolve, 600_000));',
  'api-v2.mjs': `export default async () => Response.json({ ok: true });`,
  'api-v1.mjs': `export const handler = async () => ({ statusCode: 200, body: '{"ok":true}' });`,
};

interface Scenario {
  readonly name: string;
  readonly start: () => Promise<LoadTarget>;
  readonly path: string;
  readonly connections: number;
  readonly method: 'GET' | 'POST';
  /** The scenario of this table whose rate is 1. */
  readonly against: string;
}

const background = {
  path: '/.netlify/functions/accept-background',
  connections: Number(values.connections),
  method: 'POST',
  against: 'node:http, keeps nothing',
} as const;
const sync = (version: string): Pick<Scenario, 'path' | 'connections' | 'method' | 'against'> => ({
  path: `/.netlify/functions/api-${version}`,
  connections: 2,
  method: 'GET',
  against: `netlify functions:serve, sync ${version}`,
});

const everything: readonly Scenario[] = [
  {
    name: 'node:http, keeps nothing',
    start: () => startTarget([process.execPath, peer('bare-http.ts')], site),
    ...background,
  },
  { name: 'bgfn, durable 202', start: startBgfn, ...background },
  ...queueScenarios(),
  { name: 'bgfn, sync v2', start: startBgfn, ...sync('v2') },
  { name: 'bgfn, sync v1', start: startBgfn, ...sync('v1') },
  ...(netlifyCli === undefined ? [] : netlifyScenarios(netlifyCli)),
];

function queueScenarios(): readonly Scenario[] {
  const found: Scenario[] = [];
  if (redis !== undefined) {
    const start = (): Promise<LoadTarget> => startPeer('bullmq-http.ts', redis.address);
    found.push({ name: 'BullMQ add, Redis appendfsync always', start, ...background });
  }
  if (postgres !== undefined) {
    const start = (): Promise<LoadTarget> => startPeer('pg-boss-http.ts', postgres.address);
    found.push({ name: 'pg-boss send, PostgreSQL', start, ...background });
  }
  return found;
}

function netlifyScenarios(cli: string): readonly Scenario[] {
  const start = (): Promise<LoadTarget> => startNetlify(cli);
  return [
    { name: 'netlify functions:serve, 202, keeps nothing', start, ...background },
    { name: 'netlify functions:serve, sync v2', start, ...sync('v2') },
    { name: 'netlify functions:serve, sync v1', start, ...sync('v1') },
  ];
}

const scenarios = everything.filter(
  ({ method }) =>
    values.only === undefined || (values.only === 'background') === (method === 'POST'),
);

await writeSite();
const loadBefore = loadLine();
const results = new Map<string, { result: LoadResult; memory: MemoryUse | undefined }[]>();
for (let round = 1; round <= rounds; round += 1) {
  for (const scenario of scenarios) {
    await using target = await scenario.start();
    const url = `${target.url}${scenario.path}`;
    const options = {
      connections: scenario.connections,
      method: scenario.method,
      body: scenario.method === 'POST' ? '{"order":"A-1042"}' : undefined,
    };
    load(installDirectory, url, { ...options, seconds: 1 });
    const result = load(installDirectory, url, { ...options, seconds });
    process.stderr.write(
      `round ${round}/${rounds}  ${scenario.name.padEnd(34)} ${Math.round(result.perSecond)}/s\n`,
    );
    results.set(scenario.name, [
      ...(results.get(scenario.name) ?? []),
      { result, memory: target.memory() },
    ]);
  }
}

const rates = (name: string): readonly number[] =>
  (results.get(name) ?? []).map(({ result }) => result.perSecond);
const ratioTo = (name: string, against: string): number =>
  median(rates(name).map((perSecond, round) => perSecond / (rates(against)[round] ?? Number.NaN)));
console.log(
  `${rounds} rounds of ${seconds} s; ${machineLine()}; ${loadBefore} before, ${loadLine()} after\n`,
);
console.log(
  markdownTable(
    [
      '',
      'answers/s, median (range)',
      'ratio',
      'p50',
      'p99',
      'failures',
      'memory of the server',
      'and its workers',
    ],
    scenarios.map(({ name, against }) => {
      const runs = results.get(name) ?? [];
      const ratio = ratioTo(name, against);
      return [
        name,
        `${Math.round(median(rates(name)))} (${Math.round(Math.min(...rates(name)))}–${Math.round(Math.max(...rates(name)))})`,
        Number.isNaN(ratio) ? '' : times(ratio),
        `${median(runs.map(({ result }) => result.p50Ms))} ms`,
        `${median(runs.map(({ result }) => result.p99Ms))} ms`,
        String(runs.reduce((sum, { result }) => sum + result.failures, 0)),
        megabytes(runs.map(({ memory }) => memory?.ownMb)),
        megabytes(runs.map(({ memory }) => memory?.treeMb)),
      ];
    }),
  ),
);
const missing = [
  ...(redis === undefined ? ['BullMQ (no redis-server)'] : []),
  ...(postgres === undefined ? ['pg-boss (no PostgreSQL)'] : []),
  ...(netlifyCli === undefined ? ['netlify functions:serve (BGFN_NETLIFY_CLI is not set)'] : []),
];
if (missing.length > 0) console.log(`\nLeft out: ${missing.join(', ')}.`);

function megabytes(readings: readonly (number | undefined)[]): string {
  return `${Math.round(median(readings.map((reading) => reading ?? Number.NaN)))} MB`;
}

async function writeSite(): Promise<void> {
  await rm(site, { recursive: true, force: true });
  await mkdir(path.join(site, 'netlify', 'functions'), { recursive: true });
  await writeFile(path.join(site, 'package.json'), '{"name":"serve-site","private":true}');
  await writeFile(
    path.join(site, 'netlify.toml'),
    '[functions]\ndirectory = "netlify/functions"\n',
  );
  for (const [file, source] of Object.entries(functions)) {
    await writeFile(path.join(site, 'netlify', 'functions', file), source);
  }
  buildSite(site);
}

async function startBgfn(): Promise<LoadTarget> {
  await rm(path.join(site, '.bgfn'), { recursive: true, force: true });
  return startTarget(bgfnCommand('serve', '--port', '0', '--concurrency', '8'), site);
}

function startPeer(file: string, store: string): Promise<LoadTarget> {
  return startTarget([process.execPath, peer(file), queuesDirectory, store], site);
}

function startNetlify(cli: string): Promise<LoadTarget> {
  const port = String(20_000 + (process.pid % 20_000));
  return startTarget(
    [process.execPath, cli, 'functions:serve', '--offline', '--port', port],
    site,
    { HOME: path.join(scratchDirectory, 'home'), CI: 'true' },
  );
}
