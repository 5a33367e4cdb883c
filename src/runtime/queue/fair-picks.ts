import type { Invocation } from './invocation.ts';

/** A function that has due invocations. */
export interface WaitingFunction {
  readonly functionName: string;
  readonly kind: Invocation['kind'];
  /** Its running invocations, in all processes. */
  readonly running: number;
  /** A number that grows with every claim; 0 when none was claimed yet. */
  readonly lastClaim: number;
  /** When its due invocations fell due, oldest first, no more than it has free slots. */
  readonly dueAtMs: readonly number[];
}

/**
 * Picks the functions whose invocations are claimed next, `limit` at most, one pick after the
 * other. Each goes to the function with the fewest running, then to the one that waited longest for
 * a claim, then to the one whose next invocation fell due first. So a function with 100,000 waiting
 * does not stand before the others, even when slots come free one at a time. No more than
 * `deliveryLimit` picks are deliveries, over all functions.
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
