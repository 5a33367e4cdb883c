/*
 * Counters and histograms in the Prometheus text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 */

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  increment(labels: Labels): void;
  /** Shows the series with these labels from now on, with the value 0 until it is incremented. */
  begin(labels: Labels): void;
  /** The sum over every set of labels that includes those of `where`. */
  sum(where?: Labels): number;
}

export interface Histogram {
  observe(labels: Labels, value: number): void;
}

/** Metric families, in the order of their creation. A family without a value is omitted. */
export class Exposition {
  readonly #families: (() => readonly string[])[] = [];

  counter(name: string, help: string): Counter {
    const values = new Map<string, { readonly labels: Labels; value: number }>();
    this.#families.push(() =>
      family(
        name,
        'counter',
        help,
        Array.from(values, ([key, { value }]) => `${name}${key} ${value}`),
      ),
    );
    return {
      increment(labels) {
        const key = labelText(labels);
        const entry = values.get(key);
        if (entry === undefined) values.set(key, { labels, value: 1 });
        else entry.value += 1;
      },
      begin(labels) {
        const key = labelText(labels);
        if (!values.has(key)) values.set(key, { labels, value: 0 });
      },
      sum(where = {}) {
        const matching = [...values.values()].filter(({ labels }) =>
          Object.entries(where).every(([label, value]) => labels[label] === value),
        );
        return matching.reduce((total, { value }) => total + value, 0);
      },
    };
  }

  /** @param bounds Upper bounds of the buckets, in ascending order; `+Inf` is added */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const values = new Map<string, Distribution>();
    this.#families.push(() =>
      family(
        name,
        'histogram',
        help,
        [...values.values()].flatMap((value) => distributionLines(name, bounds, value)),
      ),
    );
    return {
      observe(labels, value) {
        const key = labelText(labels);
        const entry = values.get(key) ?? { labels, buckets: bounds.map(() => 0), sum: 0, count: 0 };
        values.set(key, entry);
        const bucket = bounds.findIndex((bound) => value <= bound);
        if (bucket !== -1) entry.buckets[bucket] = (entry.buckets[bucket] ?? 0) + 1;
        entry.sum += value;
        entry.count += 1;
      },
    };
  }

  render(): string {
    return this.#families
      .flatMap((lines) => lines())
      .map((line) => `${line}\n`)
      .join('');
  }
}

interface Distribution {
  readonly labels: Labels;
  readonly buckets: number[];
  sum: number;
  count: number;
}

/** Returns the text of a gauge, whose values are read at each scrape. */
export function gauge(
  name: string,
  help: string,
  values: readonly (readonly [Labels, number])[],
): string {
  const lines = family(
    name,
    'gauge',
    help,
    values.map(([labels, value]) => `${name}${labelText(labels)} ${value}`),
  );
  return lines.map((line) => `${line}\n`).join('');
}

function family(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  samples: readonly string[],
): readonly string[] {
  return samples.length === 0
    ? []
    : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples];
}

function distributionLines(
  name: string,
  bounds: readonly number[],
  { labels, buckets, sum, count }: Distribution,
): readonly string[] {
  let cumulative = 0;
  const lines = bounds.map((bound, index) => {
    cumulative += buckets[index] ?? 0;
    return `${name}_bucket${labelText({ ...labels, le: String(bound) })} ${cumulative}`;
  });
  return [
    ...lines,
    `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`,
    `${name}_sum${labelText(labels)} ${sum}`,
    `${name}_count${labelText(labels)} ${count}`,
  ];
}

/**
 * A cache of texts by label record. A caller that increments the same series often passes the same
 * record.
 */
const knownTexts = new WeakMap<Labels, string>();

function labelText(labels: Labels): string {
  const text = knownTexts.get(labels) ?? formatLabels(labels);
  knownTexts.set(labels, text);
  return text;
}

/** Formats labels as `{a="b"}`, with the escapes of the format. */
function formatLabels(labels: Labels): string {
  const parts = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}
