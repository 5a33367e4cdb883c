import { BgfnError } from '../../../diagnostic/bgfn-error.ts';
import { jsonDocument } from '../../output/json.ts';
import { failAfterDocument } from '../../output/report-failure.ts';

/** A change to invocations, and the words that report it. */
export interface InvocationChange {
  /** What was done to an invocation: `ID queued again`. */
  readonly done: string;
  /** Why an invocation could not be changed. */
  readonly refused: string;
  /** Resolves to false when the state of the invocation does not allow the change. */
  readonly apply: (id: string) => Promise<boolean>;
}

/**
 * Changes invocations one after the other and reports each; fails the command at the end when any
 * of them could not be changed.
 */
export async function changeEach(
  ids: readonly string[],
  { done, refused, apply }: InvocationChange,
  json: boolean,
): Promise<void> {
  const changed: string[] = [];
  const unchanged: string[] = [];
  for (const id of ids) {
    if (!(await apply(id))) {
      unchanged.push(id);
      continue;
    }
    changed.push(id);
    if (!json) process.stderr.write(`${id} ${done}\n`);
  }
  if (json) process.stdout.write(jsonDocument({ changed, unchanged }));
  else if (ids.length === 0) process.stderr.write('nothing to do\n');
  if (unchanged.length > 0) {
    failAfterDocument(
      new BgfnError('INVOCATION_UNCHANGED', `Not changed: ${unchanged.join(', ')} (${refused}).`),
    );
  }
}
