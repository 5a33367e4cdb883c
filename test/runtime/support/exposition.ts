/** One metric family of the Prometheus text format, as a scraper reads it. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const sampleLine = new RegExp(`^(${metricName})(?:\\{(.*)\\})? (\\S+)$`);
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/**
 * Reads the format as strictly as its definition lets one: each family once, HELP and TYPE before
 * its samples, samples of a family together, no sample twice, valid names, labels and numbers,
 * histograms with rising buckets whose last is the count.
 *
 * @throws {Error} Names the line.
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  let current: { name: string; family: Family } | undefined;
  let help: RegExpExecArray | null = null;
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split('\n')) {
    const type: RegExpExecArray | null = new RegExp(
      `^# TYPE (${metricName}) (counter|gauge|histogram)$`,
    ).exec(line);
    if (line.startsWith('# HELP ')) {
      help = new RegExp(`^# HELP (${metricName}) (.+)$`).exec(line);
      if (help === null) throw new Error(`bad HELP: ${line}`);
    } else if (type !== null) {
      const name = type[1]!;
      if (help?.[1] !== name || families.has(name)) {
        throw new Error(`a TYPE without its HELP, or twice: ${line}`);
      }
      current = { name, family: { type: type[2]!, help: help[2]!, samples: [] } };
      families.set(name, current.family);
    } else {
      if (current === undefined) throw new Error(`a sample before any TYPE: ${line}`);
      if (seen.has(line.slice(0, line.lastIndexOf(' ')))) throw new Error(`twice: ${line}`);
      seen.add(line.slice(0, line.lastIndexOf(' ')));
      current.family.samples.push(parseSample(line, current.name, current.family.type));
    }
  }
  for (const [name, family] of families) {
    if (family.type === 'histogram') checkHistogram(name, family);
  }
  return families;
}

function parseSample(line: string, familyName: string, type: string) {
  const match = sampleLine.exec(line);
  if (match === null) throw new Error(`not a sample: ${line}`);
  const [, name = '', labelText = '', number = ''] = match;
  const allowed =
    type === 'histogram'
      ? [`${familyName}_bucket`, `${familyName}_sum`, `${familyName}_count`]
      : [familyName];
  if (!allowed.includes(name)) {
    throw new Error(`a sample of another family than ${familyName}: ${line}`);
  }
  const value = Number(number);
  if (number.trim() === '' || Number.isNaN(value)) throw new Error(`not a number: ${line}`);
  const labels: Record<string, string> = {};
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < labelText.length) {
    const pair = labelPair.exec(labelText);
    if (pair === null) throw new Error(`bad labels: ${line}`);
    labels[pair[1]!] = pair[2]!;
  }
  return { name, labels, value };
}

function checkHistogram(name: string, { samples }: Family): void {
  const series = Map.groupBy(samples, ({ labels }) => JSON.stringify({ ...labels, le: undefined }));
  for (const lines of series.values()) {
    const buckets = lines.filter((line) => line.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) =>
      labels['le'] === '+Inf' ? Infinity : Number(labels['le']),
    );
    const rises = (values: readonly number[]) =>
      values.every((value, index) => index === 0 || value >= values[index - 1]!);
    const count = lines.find((line) => line.name === `${name}_count`)?.value;
    if (
      !rises(bounds) ||
      !rises(buckets.map(({ value }) => value)) ||
      bounds.at(-1) !== Infinity ||
      buckets.at(-1)?.value !== count
    ) {
      throw new Error(`a histogram that does not add up: ${name}`);
    }
    if (!lines.some((line) => line.name === `${name}_sum`)) {
      throw new Error(`a histogram without a sum: ${name}`);
    }
  }
}
