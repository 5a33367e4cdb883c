import { BgfnError } from '../../../diagnostic/bgfn-error.ts';
import { jsonDocument } from '../../output/json.ts';
import { failAfterDocument } from '../../output/report-failure.ts';

/** A change to invocations, and the texts that report the outcome. */
export interface InvocationChange {
  /** Report of a change that was made, after the id: `queued again`. */
  readonly done: string;
  /** Report of a change that was refused. */
  readonly refused: string;
  /** Resolves to false when the state of the invocation does not allow the change. */
  readonly apply: (id: string) => Promise<boolean>;
}

/**
 * Changes invocations one at a time and reports each. The command fails at the end if any change
 * was refused.
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
