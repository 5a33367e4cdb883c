import { gauge } from '../observe/exposition.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Store } from '../queue/store.ts';

const startedAtSeconds = Date.now() / 1000 - process.uptime();

/**
 * Renders the counters of this runtime and the gauges of the store in the Prometheus text format.
 * If the store cannot be read, its gauges are omitted and `bgfn_store_up` is 0.
 */
export async function renderMetrics(
  metrics: Metrics,
  store: Store,
  nowMs: number,
): Promise<string> {
  const stats = await store.stats(nowMs).catch(() => undefined);
  const depth = (stats ?? []).flatMap(({ functionName, counts }) =>
    Object.entries(counts).map(
      ([state, count]) => [{ function: functionName, state }, count] as const,
    ),
  );
  return [
    metrics.render(),
    gauge('bgfn_store_up', 'Whether the store can be read (1) or not (0).', [
      [{}, stats === undefined ? 0 : 1],
    ]),
    gauge(
      'bgfn_invocations',
      'Invocations in the store, by state; the ended ones until they are purged.',
      depth,
    ),
    gauge(
      'bgfn_queue_oldest_due_seconds',
      'How long the oldest due invocation has waited for a run.',
      (stats ?? []).map(({ functionName, oldestDueMs = 0 }) => [
        { function: functionName },
        oldestDueMs / 1000,
      ]),
    ),
    gauge(
      'process_resident_memory_bytes',
      'Memory of the runtime itself, its workers not counted.',
      [[{}, process.memoryUsage.rss()]],
    ),
    gauge('process_start_time_seconds', 'When the runtime started, in seconds since the epoch.', [
      [{}, startedAtSeconds],
    ]),
  ].join('');
}
