/** Upper bounds of the duration histograms, in seconds: from a warm sync call to a whole background run. */
const durationBucketsSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];

type Labels = Readonly<Record<string, string>>;

/** What the runtime counts since it started. Counters only grow; what is queued or running now is read from the store when asked. */
export interface Metrics {
  /** A background call was stored; `duplicate` when its idempotency key was known. */
  accepted(functionName: string, duplicate: boolean): void;
  /** A background call could not be stored (503). */
  acceptFailed(functionName: string): void;
  /** An attempt of a background invocation ended. */
  attempt(functionName: string, outcome: string, durationMs: number): void;
  /** A sync call was answered. */
  sync(functionName: string, status: number, durationMs: number): void;
  /** An HTTP answer that reached no function. */
  refused(status: number): void;
  /** Of all functions, since the start. */
  totals(): Totals;
  /** Prometheus text format 0.0.4. */
  render(): string;
}

export interface Totals {
  readonly accepted: number;
  /** Attempts. */
  readonly succeeded: number;
  readonly failed: number;
}

interface Histogram {
  readonly labels: Labels;
  readonly buckets: number[];
  sum: number;
  count: number;
}

export function createMetrics(): Metrics {
  const counters = new Map<string, { help: string; values: Map<string, { labels: Labels; value: number }> }>();
  const histograms = new Map<string, { help: string; values: Map<string, Histogram> }>();

  const increment = (name: string, help: string, labels: Labels): void => {
    const family = counters.get(name) ?? { help, values: new Map() };
    counters.set(name, family);
    const key = labelText(labels);
    const entry = family.values.get(key);
    if (entry === undefined) family.values.set(key, { labels, value: 1 });
    else entry.value += 1;
  };
  const observe = (name: string, help: string, labels: Labels, seconds: number): void => {
    const family = histograms.get(name) ?? { help, values: new Map<string, Histogram>() };
    histograms.set(name, family);
    const key = labelText(labels);
    const entry = family.values.get(key) ?? { labels, buckets: durationBucketsSeconds.map(() => 0), sum: 0, count: 0 };
    family.values.set(key, entry);
    const bucket = durationBucketsSeconds.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) entry.buckets[bucket] = (entry.buckets[bucket] ?? 0) + 1;
    entry.sum += seconds;
    entry.count += 1;
  };

  return {
    accepted(functionName, duplicate) {
      increment('bgfn_accepted_total', 'Background calls answered with 202.', { function: functionName, duplicate: String(duplicate) });
    },
    acceptFailed(functionName) {
      increment('bgfn_accept_failures_total', 'Background calls answered with 503 because the store could not write.', { function: functionName });
    },
    attempt(functionName, outcome, durationMs) {
      increment('bgfn_attempts_total', 'Attempts of background invocations that ended.', { function: functionName, outcome });
      observe('bgfn_attempt_duration_seconds', 'How long attempts of background invocations ran.', { function: functionName }, durationMs / 1000);
    },
    sync(functionName, status, durationMs) {
      increment('bgfn_sync_requests_total', 'Sync calls answered.', { function: functionName, status: String(status) });
      observe('bgfn_sync_duration_seconds', 'From the request to the end of the response.', { function: functionName }, durationMs / 1000);
    },
    refused(status) {
      increment('bgfn_http_refused_total', 'Requests that reached no function.', { status: String(status) });
    },
    totals() {
      const attempts = [...(counters.get('bgfn_attempts_total')?.values.values() ?? [])];
      return {
        accepted: sumOf([...(counters.get('bgfn_accepted_total')?.values.values() ?? [])]),
        succeeded: sumOf(attempts.filter(({ labels }) => labels['outcome'] === 'succeeded')),
        failed: sumOf(attempts.filter(({ labels }) => labels['outcome'] === 'failed')),
      };
    },
    render() {
      const lines: string[] = [];
      for (const [name, { help, values }] of counters) {
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`);
        for (const { labels, value } of values.values()) lines.push(`${name}${labelText(labels)} ${value}`);
      }
      for (const [name, { help, values }] of histograms) {
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} histogram`);
        for (const histogram of values.values()) lines.push(...histogramLines(name, histogram));
      }
      return lines.map((line) => `${line}\n`).join('');
    },
  };
}

function sumOf(counts: readonly { readonly value: number }[]): number {
  return counts.reduce((total, { value }) => total + value, 0);
}

function histogramLines(name: string, { labels, buckets, sum, count }: Histogram): readonly string[] {
  let cumulative = 0;
  const lines = durationBucketsSeconds.map((bound, index) => {
    cumulative += buckets[index] ?? 0;
    return `${name}_bucket${labelText({ ...labels, le: String(bound) })} ${cumulative}`;
  });
  return [...lines, `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`, `${name}_sum${labelText(labels)} ${sum}`, `${name}_count${labelText(labels)} ${count}`];
}

/** `{a="b"}`, escaped as the Prometheus text format wants it. */
export function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
