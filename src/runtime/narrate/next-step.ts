import { formatDuration } from '../../diagnostic/format-duration.ts';
import type { Invocation } from '../queue/invocation.ts';

/** What follows a failed attempt; `next` is what the invocation became. */
export function nextStep(next: Invocation, nowMs: number): string {
  if (next.state !== 'queued') return 'no attempt is left: the invocation has failed';
  return `the next attempt is due in ${formatDuration(Math.max(0, next.availableAtMs - nowMs))}`;
}
