import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import type { Invocation } from '../../runtime/queue/invocation.ts';
import type { Store } from '../../runtime/queue/store.ts';

/** Invocations that are read at once in a search for the end of an id. */
const pageSize = 10_000;

/**
 * Finds the invocation with this id, or the one whose id ends with this text, in upper or lower
 * case. People copy the short form from the logs, with `#1` for the attempt.
 *
 * @throws {BgfnError} `USAGE` for no text at all, `INVOCATION_UNKNOWN` or `INVOCATION_AMBIGUOUS`.
 */
export async function findInvocation(store: Store, idOrTail: string): Promise<Invocation> {
  const wanted = idOrTail.trim().replace(/#\d+$/, '').toUpperCase();
  if (wanted === '') {
    throw new BgfnError('USAGE', 'The id of an invocation cannot be empty.', {
      kind: 'usage',
      hint: '`bgfn invocations list` shows them.',
    });
  }
  const exact = await store.get(wanted);
  if (exact !== undefined) return exact.invocation;
  const matches = await findByTail(store, wanted);
  const [first, second] = matches;
  if (first === undefined) {
    throw new BgfnError(
      'INVOCATION_UNKNOWN',
      `There is no invocation "${idOrTail}" in this queue.`,
      {
        hint: 'Give its id, or the last characters of it: `bgfn invocations list` shows what there is.',
      },
    );
  }
  if (second !== undefined) {
    throw new BgfnError(
      'INVOCATION_AMBIGUOUS',
      `"${idOrTail}" ends the ids of ${matches.length} invocations: ${first.id}, ${second.id}${matches.length > 2 ? ', …' : ''}`,
      { hint: 'Give more of the id.' },
    );
  }
  return first;
}

/** @param tail In upper case */
async function findByTail(store: Store, tail: string): Promise<readonly Invocation[]> {
  const matches: Invocation[] = [];
  for (
    let page = await store.list({ limit: pageSize });
    page.length > 0;
    page = await store.list({ limit: pageSize, beforeId: page.at(-1)?.id ?? '' })
  ) {
    matches.push(...page.filter(({ id }) => id.toUpperCase().endsWith(tail)));
  }
  return matches;
}
