import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderMetrics } from '../../src/runtime/admin/prometheus.ts';
import { createMetrics, type Metrics } from '../../src/runtime/observe/metrics.ts';
import type { FunctionStats, Store } from '../../src/runtime/queue/store.ts';

const rulesFile = path.join(
  import.meta.dirname,
  '..',
  '..',
  'docs',
  'examples',
  'prometheus-alerts.yml',
);
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const promtool = async (...args: readonly string[]): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)('promtool', args).catch(
    (error: { stdout: string }) => Promise.reject(new Error(error.stdout, { cause: error })),
  );
  return stdout + stderr;
};

/** Labels that Prometheus adds to each sample of a scraped runtime. */
const target = 'job="bgfn",instance="host:8889"';
const f = 'send-background';

/** Values of one scrape by series. */
async function scrape(metrics: Metrics, stats: Store['stats']): Promise<Map<string, string>> {
  const text = await renderMetrics(metrics, { stats } as Store, 0);
  const samples = text.split('\n').flatMap((line) => /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []);
  const series = new Map<string, string>([[`up{${target}}`, '1']]);
  for (let index = 0; index + 3 < samples.length; index += 4) {
    series.set(
      `${samples[index + 1] ?? ''}{${[samples[index + 2], target].filter(Boolean).join()}}`,
      samples[index + 3] ?? '',
    );
  }
  return series;
}

const waiting = (oldestDueMs: number): FunctionStats => ({
  kind: 'call',
  functionName: f,
  counts: { queued: 1, running: 0, succeeded: 0, failed: 0, cancelled: 0 },
  oldestDueMs,
});

interface Case {
  readonly alert: string;
  readonly what: string;
  /** Changes the metrics five minutes after the start. */
  readonly happens?: (metrics: Metrics) => void;
  readonly statsAfter?: Store['stats'];
  readonly down?: true;
  /** Labels of the alert without those of the target. */
  readonly labels: Readonly<Record<string, string>>;
  /** Time from the start at which the alert fires. */
  readonly firesAt: string;
  /** Time at which the alert does not fire yet. Default: before `happens`. */
  readonly silentAt?: string;
}

const cases: readonly Case[] = [
  {
    alert: 'BgfnDown',
    what: 'a runtime does not answer for two minutes',
    down: true,
    labels: {},
    firesAt: '8m',
    silentAt: '6m',
  },
  {
    alert: 'BgfnStoreDown',
    what: 'the queue cannot be read',
    statsAfter: () => Promise.reject(new Error('gone')),
    labels: {},
    firesAt: '6m',
  },
  {
    alert: 'BgfnStoreDown',
    what: 'the first call ever gets 503',
    happens: (metrics) => metrics.acceptFailed(f),
    labels: { function: f },
    firesAt: '6m',
  },
  {
    alert: 'BgfnQueueLate',
    what: 'an invocation has waited too long, for five minutes',
    statsAfter: () => Promise.resolve([waiting(301_000)]),
    labels: { function: f },
    firesAt: '11m',
    silentAt: '9m',
  },
  {
    alert: 'BgfnDeadLetters',
    what: 'the first invocation ever fails for good',
    happens: (metrics) => metrics.failed(f, 'error', 5, true),
    labels: { function: f, state: 'failed' },
    firesAt: '6m',
  },
  {
    alert: 'BgfnDeadLetters',
    what: 'the last attempt is lost with its runtime',
    happens: (metrics) => metrics.lost(f, true),
    labels: { function: f, state: 'failed' },
    firesAt: '6m',
  },
  {
    alert: 'BgfnCrashes',
    what: 'a new function crashes four times',
    happens: (metrics) => [1, 2, 3, 4].forEach(() => metrics.failed(f, 'crash', 5, false)),
    labels: { function: f, reason: 'crash' },
    firesAt: '6m',
  },
  {
    alert: 'BgfnDestinationFailed',
    what: 'the first outcome ever is not delivered',
    happens: (metrics) => metrics.delivered(f, 'failed'),
    labels: { function: f, outcome: 'failed' },
    firesAt: '6m',
  },
];

interface Rule {
  readonly alert: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * A test of `promtool test rules`: scrapes of a real registry every 15 s, a change after five
 * minutes, and the alert that has to fire then.
 */
async function unitTest(one: Case, rules: readonly Rule[]) {
  const metrics = createMetrics();
  metrics.serves(f, true);
  const quiet: Store['stats'] = () => Promise.resolve([waiting(0)]);
  const before = await scrape(metrics, quiet);
  one.happens?.(metrics);
  const after =
    one.down === true
      ? new Map([[`up{${target}}`, '0']])
      : await scrape(metrics, one.statsAfter ?? quiet);
  // 20 scrapes in five minutes, then 40 in ten.
  const values = (series: string) =>
    [[before, 20] as const, [after, 40] as const]
      .map(([scraped, times]) =>
        scraped.has(series) ? `${scraped.get(series) ?? ''}+0x${times - 1}` : `_x${times}`,
      )
      .join(' ');
  const named = rules.find(({ alert }) => alert === one.alert);
  const annotations = Object.fromEntries(
    Object.entries(named?.annotations ?? {}).map(([name, text]) => [
      name,
      text.replaceAll('{{ $labels.function }}', one.labels['function'] ?? ''),
    ]),
  );
  const fired = {
    exp_labels: { ...one.labels, job: 'bgfn', instance: 'host:8889' },
    exp_annotations: annotations,
  };
  return {
    interval: '15s',
    input_series: [...new Set([...before.keys(), ...after.keys()])].map((series) => ({
      series,
      values: values(series),
    })),
    alert_rule_test: rules.flatMap(({ alert }) => [
      { eval_time: one.silentAt ?? '4m', alertname: alert, exp_alerts: [] },
      { eval_time: one.firesAt, alertname: alert, exp_alerts: alert === one.alert ? [fired] : [] },
    ]),
  };
}

describe.skipIf(!hasPromtool)('the alerts under promtool (needs promtool)', () => {
  let directory: string;
  let rules: readonly Rule[];

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'bgfn-alerts-'));
    rules = (
      parse(await readFile(rulesFile, 'utf8')) as { groups: readonly { rules: readonly Rule[] }[] }
    ).groups.flatMap((group) => group.rules);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('are rules that Prometheus reads', async () => {
    expect(await promtool('check', 'rules', rulesFile)).toContain(
      `SUCCESS: ${rules.length} rules found`,
    );
  });

  test('each have a case here', () => {
    expect(new Set(cases.map(({ alert }) => alert))).toEqual(
      new Set(rules.map(({ alert }) => alert)),
    );
  });

  test.each(cases)('$alert fires, and no other alert, when $what', async (one) => {
    const file = path.join(directory, 'test.yml');
    await writeFile(
      file,
      JSON.stringify({
        rule_files: [rulesFile],
        evaluation_interval: '15s',
        tests: [await unitTest(one, rules)],
      }),
    );
    expect(await promtool('test', 'rules', file)).toContain('SUCCESS');
  });
});
