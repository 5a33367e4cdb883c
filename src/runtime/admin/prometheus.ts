import type { Store } from '../../queue/store.ts';
import { labelText } from '../metrics.ts';
import type { Metrics } from '../metrics.ts';

/** The counters of this runtime and the gauges of the store, in the Prometheus text format. Without the store the gauges are left out and `bgfn_store_up` is 0. */
export async function renderMetrics(metrics: Metrics, store: Store, nowMs: number): Promise<string> {
  const lines: string[] = [];
  const stats = await store.stats(nowMs).catch(() => undefined);
  lines.push('# HELP bgfn_store_up Whether the store can be read.', '# TYPE bgfn_store_up gauge', `bgfn_store_up ${stats === undefined ? 0 : 1}`);
  if (stats !== undefined) {
    lines.push('# HELP bgfn_invocations Invocations in the store.', '# TYPE bgfn_invocations gauge');
    for (const { functionName, counts } of stats) {
      for (const [state, count] of Object.entries(counts)) lines.push(`bgfn_invocations${labelText({ function: functionName, state })} ${count}`);
    }
    lines.push('# HELP bgfn_oldest_due_seconds How long the oldest due invocation has waited.', '# TYPE bgfn_oldest_due_seconds gauge');
    for (const { functionName, oldestDueMs } of stats) lines.push(`bgfn_oldest_due_seconds${labelText({ function: functionName })} ${(oldestDueMs ?? 0) / 1000}`);
  }
  lines.push(
    '# HELP process_resident_memory_bytes Memory of the runtime itself, its workers not counted.',
    '# TYPE process_resident_memory_bytes gauge',
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
  );
  return `${metrics.render()}${lines.join('\n')}\n`;
}
