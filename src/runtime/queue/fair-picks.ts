import type { Invocation } from './invocation.ts';

/** A function that has due invocations. */
export interface WaitingFunction {
  readonly functionName: string;
  readonly kind: Invocation['kind'];
  /** The number of its running invocations, in all processes. */
  readonly running: number;
  /** A number that grows with every claim; 0 if nothing of this function was claimed yet. */
  readonly lastClaim: number;
  /** The due times of its due invocations, oldest first; at most as many as it has free slots. */
  readonly dueAtMs: readonly number[];
}

/**
 * Picks the functions whose invocations are claimed next, one pick after the other, `limit` at
 * most. Each pick goes to the function with the fewest running invocations; among equals, to the
 * function whose last claim is the oldest; then to the function whose next invocation fell due
 * first. So a function with 100,000 waiting invocations does not block the others, even when slots
 * become free one at a time. At most `deliveryLimit` picks are deliveries, over all functions.
 */
export function pickFairly(
  waiting: readonly WaitingFunction[],
  limit: number,
  deliveryLimit = limit,
): readonly string[] {
  const picked = new Map<string, number>();
  const picks: string[] = [];
  let deliveriesLeft = deliveryLimit;
  while (picks.length < limit) {
    let best: WaitingFunction | undefined;
    for (const candidate of waiting) {
      if (deliveriesLeft <= 0 && candidate.kind === 'delivery') continue;
      const count = picked.get(candidate.functionName) ?? 0;
      if (
        count < candidate.dueAtMs.length &&
        (best === undefined || comesBefore(candidate, best, picked))
      ) {
        best = candidate;
      }
    }
    if (best === undefined) {
      return picks;
    }
    picked.set(best.functionName, (picked.get(best.functionName) ?? 0) + 1);
    picks.push(best.functionName);
    if (best.kind === 'delivery') deliveriesLeft -= 1;
  }
  return picks;
}

function comesBefore(
  a: WaitingFunction,
  b: WaitingFunction,
  picked: ReadonlyMap<string, number>,
): boolean {
  const pickedA = picked.get(a.functionName) ?? 0;
  const pickedB = picked.get(b.functionName) ?? 0;
  const byRunning = a.running + pickedA - (b.running + pickedB);
  if (byRunning !== 0) {
    return byRunning < 0;
  }
  if (a.lastClaim !== b.lastClaim) {
    return a.lastClaim < b.lastClaim;
  }
  return (a.dueAtMs[pickedA] ?? 0) < (b.dueAtMs[pickedB] ?? 0);
}
