import { median } from './measure.ts';

/** The result of one contender with one function: the build and the response of the artifact. */
export interface MatrixResult {
  readonly name: string;
  readonly kind: string;
  readonly contender: string;
  readonly ok: boolean;
  readonly text: string;
  readonly buildMs: number;
  readonly bytes: number;
  readonly importMs?: number;
  readonly answerMs?: number;
}

/**
 * The line on one result. Results of bgfn are always shown, results of the others only when they
 * failed.
 */
export function resultLine({
  contender,
  name,
  ok,
  text,
  buildMs,
  bytes,
}: MatrixResult): string | undefined {
  if (contender !== 'bgfn' && ok) return undefined;
  const columns = [
    contender.padEnd(8),
    ok ? 'pass' : 'FAIL',
    name.padEnd(22),
    `${String(buildMs).padStart(6)} ms`,
    `${String(Math.round(bytes / 1024)).padStart(8)} KB`,
  ];
  return `${columns.join(' ')}  ${ok ? '' : text.split('\n').slice(0, 3).join(' / ')}\n`;
}

/** The report: passes by kind, build times, and the response times of bgfn compared with the others. */
export function renderMatrix(
  results: readonly MatrixResult[],
  contenders: readonly string[],
): string {
  const others = contenders.filter((name) => name !== 'bgfn');
  return [
    passTable(results, contenders),
    ...contenders.map((name) => buildLine(results, name)),
    ...others.map((other) => answerTable(results, other)),
  ].join('');
}

function kindsOf(results: readonly MatrixResult[]): readonly string[] {
  return [...new Set(results.map(({ kind }) => kind)), 'all'];
}

function ofKind(results: readonly MatrixResult[], kind: string): readonly MatrixResult[] {
  return results.filter((result) => kind === 'all' || result.kind === kind);
}

function passTable(results: readonly MatrixResult[], contenders: readonly string[]): string {
  const rows = kindsOf(results).map((kind) => {
    const inKind = ofKind(results, kind);
    const passes = contenders.map(
      (name) => inKind.filter(({ contender, ok }) => contender === name && ok).length,
    );
    return `| ${kind} | ${inKind.length / contenders.length} | ${passes.join(' | ')} |\n`;
  });
  const rule = `|---|---|${contenders.map(() => '---|').join('')}\n`;
  return `| kind | functions | ${contenders.join(' | ')} |\n${rule}${rows.join('')}`;
}

function buildLine(results: readonly MatrixResult[], name: string): string {
  const own = results.filter(({ contender }) => contender === name);
  const buildMs = own.reduce((sum, result) => sum + result.buildMs, 0);
  const bytes = own.reduce((sum, result) => sum + result.bytes, 0);
  return `${name}: build ${buildMs} ms, ${Math.round(bytes / 2 ** 20)} MB unpacked\n`;
}

/**
 * A table of the times from the start of the import to the response, for functions that both
 * contenders can run.
 */
function answerTable(results: readonly MatrixResult[], other: string): string {
  const rows = kindsOf(results).map((kind) => answerRow(ofKind(results, kind), kind, other));
  const head = ['import to answer', 'functions', 'bgfn, median', `${other}, median`];
  const columns = [...head, 'ratio', 'median of ratios'];
  return `\n| ${columns.join(' | ')} |\n|${'---|'.repeat(columns.length)}\n${rows.join('')}`;
}

function answerRow(inKind: readonly MatrixResult[], kind: string, other: string): string {
  const own = answerTimes(inKind, 'bgfn');
  const others = answerTimes(inKind, other);
  const both = [...own.keys()].filter((name) => others.has(name));
  if (both.length === 0) return '';
  const ours = median(both.map((name) => own.get(name) ?? 0));
  const theirs = median(both.map((name) => others.get(name) ?? 0));
  const ratio = median(both.map((name) => (own.get(name) ?? 0) / (others.get(name) ?? 1)));
  const cells = [
    kind,
    String(both.length),
    `${ours.toFixed(0)} ms`,
    `${theirs.toFixed(0)} ms`,
    (ours / theirs).toFixed(2),
    ratio.toFixed(2),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

function answerTimes(
  results: readonly MatrixResult[],
  contender: string,
): ReadonlyMap<string, number> {
  return new Map(
    results
      .filter((result) => result.contender === contender && result.ok)
      .map(({ name, answerMs = 0 }) => [name, answerMs]),
  );
}
