import { readFile } from 'node:fs/promises';

/**
 * A function that writes what it does into the file of its environment variable LEDGER: a line when
 * a run begins, one every 50 ms, one at its end. Lines are appended whole (O_APPEND), so their
 * order in the file is the order in which things happened, whichever process wrote them.
 * `failFirst` in the body: it throws on the first attempt. `exitFirst`: it ends its process.
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
  /** Runs that began. */
  readonly runs: number;
  /** Runs that came to their end. */
  readonly finished: number;
  /** Ids of invocations with at least one finished run. */
  readonly done: ReadonlySet<string>;
  /** Runs begun per invocation. */
  readonly attempts: ReadonlyMap<string, number>;
  /** Invocations of which an earlier run still wrote after a later one had begun. */
  readonly twiceAtOnce: readonly string[];
  /** Invocations with two runs of the same attempt number: an attempt that was given out twice. */
  readonly attemptsRepeated: readonly string[];
}

/** Reads what `ledgerFunction` wrote. */
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
