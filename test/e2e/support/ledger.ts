import { readFile } from 'node:fs/promises';

/**
 * A function that writes a ledger to the file that the environment variable LEDGER names: a line at
 * the start of a run, a line every 50 ms, and a line at the end. Lines are appended whole
 * (O_APPEND), so their order in the file is the order of the events in all processes. With
 * `failFirst` in the body, the function throws on the first attempt; with `exitFirst`, it ends its
 * process.
 */
export const ledgerFunction = `
import { appendFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

export default async (req) => {
  const { call, failFirst, exitFirst, durationMs } = await req.json();
  const id = req.headers.get('x-nf-request-id');
  const attempt = Number(req.headers.get('x-bgfn-attempt'));
  const run = randomUUID();
  const write = (what) => appendFileSync(process.env.LEDGER, [what, id, run, attempt, call].join(' ') + '\\n');
  write('begin');
  for (let left = durationMs; left > 0; left -= 50) {
    await setTimeout(Math.min(left, 50));
    write('on');
  }
  if (attempt === 1 && failFirst) throw new Error('the first attempt fails');
  if (attempt === 1 && exitFirst) process.exit(1);
  write('end');
};
`;

export interface LedgerSummary {
  /** Runs that have begun. */
  readonly runs: number;
  /** Runs that have ended. */
  readonly finished: number;
  /** Ids of invocations with at least one finished run. */
  readonly done: ReadonlySet<string>;
  /** Runs begun per invocation. */
  readonly attempts: ReadonlyMap<string, number>;
  /** Invocations with an earlier run that still wrote after a later run had begun. */
  readonly twiceAtOnce: readonly string[];
  /** Invocations with two runs of the same attempt number, so an attempt ran twice. */
  readonly attemptsRepeated: readonly string[];
}

/** Reads the ledger that `ledgerFunction` wrote. */
export async function readLedger(file: string): Promise<LedgerSummary> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const current = new Map<string, string>();
  const past = new Set<string>();
  const begun = new Map<string, Set<string>>();
  const done = new Set<string>();
  const attempts = new Map<string, number>();
  const twiceAtOnce = new Set<string>();
  const attemptsRepeated = new Set<string>();
  let runs = 0;
  let finished = 0;
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [what = '', id = '', run = '', attempt = ''] = line.split(' ');
    if (past.has(run)) twiceAtOnce.add(id);
    if (what === 'begin') {
      runs += 1;
      const before = current.get(id);
      if (before !== undefined) past.add(before);
      current.set(id, run);
      attempts.set(id, (attempts.get(id) ?? 0) + 1);
      const numbers = begun.get(id) ?? new Set();
      if (numbers.has(attempt)) attemptsRepeated.add(id);
      begun.set(id, numbers.add(attempt));
    }
    if (what === 'end') {
      finished += 1;
      done.add(id);
    }
  }
  return {
    runs,
    finished,
    done,
    attempts,
    twiceAtOnce: [...twiceAtOnce],
    attemptsRepeated: [...attemptsRepeated],
  };
}
