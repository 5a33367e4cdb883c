import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../src/runtime/observe/metrics.ts';

const read = (file: string) => readFile(path.join(import.meta.dirname, '..', '..', file), 'utf8');
const namesIn = (text: string) => new Set(text.match(/\bbgfn_[a-z_]+/g));

/** The names of metrics in the code, found where families are created. */
const exported = async () =>
  namesIn(
    (await read('src/runtime/observe/metrics.ts')) +
      (await read('src/runtime/admin/prometheus.ts')),
  );

test('every metric is explained, and every explained metric exists', async () => {
  expect([...namesIn(await read('docs/operations.md'))].toSorted()).toEqual(
    [...(await exported())].toSorted(),
  );
});

test('the alerts use existing metrics and outcomes', async () => {
  const { groups } = parse(await read('docs/examples/prometheus-alerts.yml')) as {
    groups: readonly { rules: readonly { alert: string; expr: string }[] }[];
  };
  const expressions = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
  expect(expressions.length).toBeGreaterThan(4);
  const known = await exported();
  for (const name of namesIn(expressions.join())) expect(known).toContain(name);
});

test('every test that the threat model names exists', async () => {
  const files = (await read('docs/threat-model.md')).match(/[\w./-]+\.test\.ts/g) ?? [];
  expect(files.length).toBeGreaterThan(15);
  const exists = (file: string) =>
    access(path.join(import.meta.dirname, '..', '..', file)).then(
      () => true,
      () => false,
    );
  const found = await Promise.all(files.map(exists));
  expect(files.filter((_file, index) => found[index] === false)).toEqual([]);
});

test('a failure is counted as an attempt, by reason, and as a retry or an end', () => {
  const metrics = createMetrics();
  metrics.failed('f', 'timeout', 1500, false);
  metrics.failed('f', 'error', 10, true);
  metrics.lost('f', true);
  expect(metrics.totals()).toEqual({ accepted: 0, succeeded: 0, failed: 3 });
  const text = metrics.render();
  for (const line of [
    'bgfn_attempts_total{function="f",outcome="failed"} 2',
    'bgfn_attempt_failures_total{function="f",reason="timeout"} 1',
    'bgfn_retries_total{function="f"} 1',
    'bgfn_invocations_ended_total{function="f",state="failed"} 2',
    'bgfn_attempt_duration_seconds_bucket{function="f",le="2.5"} 2',
    'bgfn_attempt_duration_seconds_count{function="f"} 2',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});
