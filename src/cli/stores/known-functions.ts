import { BgfnError } from '../../diagnostic/bgfn-error.ts';
import { didYouMean } from '../../diagnostic/did-you-mean.ts';
import { deliveryNameOf } from '../../runtime/queue/delivery.ts';
import type { OpenStores } from './open-stores.ts';

/**
 * Refuses the name of a function that does not occur in these stores, so that an empty result
 * differs from a mistyped name. A function with log lines or invocations is known, even if it was
 * removed from the site long ago.
 *
 * @throws {BgfnError} `FUNCTION_UNKNOWN`
 */
export async function checkFunctionIsKnown(stores: OpenStores, name: string): Promise<void> {
  const [line] = await stores.logs.read({ functionName: name, limit: 1 });
  if (line !== undefined) return;
  const known = await stores.functionNames();
  // Before the first outcome a function has no deliveries. Their name is known all the same: it is
  // derived from the function's own name.
  if (known.includes(name) || known.some((own) => deliveryNameOf(own) === name)) return;
  throw new BgfnError('FUNCTION_UNKNOWN', `There is no function "${name}".`, {
    kind: 'usage',
    hint: hintFor(name, known),
  });
}

function hintFor(name: string, known: readonly string[]): string {
  const near = didYouMean(name, known);
  if (near !== undefined) return `Did you mean ${near}?`;
  return known.length === 0
    ? 'Nothing was served from this queue yet.'
    : `The functions are ${known.join(', ')}.`;
}
