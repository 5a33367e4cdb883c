import { formatDuration } from '../../diagnostic/format-duration.ts';
import type { Invocation } from '../queue/invocation.ts';

/** Describes what follows a failed attempt. `next` is the invocation after that attempt. */
export function nextStep(next: Invocation, nowMs: number): string {
  if (next.state !== 'queued') return 'no attempt is left: the invocation has failed';
  return `the next attempt is due in ${formatDuration(Math.max(0, next.availableAtMs - nowMs))}`;
}
