import type { LoadedFunction } from '../load/load-functions.ts';
import type { CallSource, IncomingCall } from './call.ts';

/** The user agent of Netlify's scheduled calls. */
const clockworkUserAgent = 'Netlify Clockwork';

/** Marks a call as made by a schedule. */
export const scheduleSource: CallSource = { nfEvent: 'schedule' };

export interface ScheduledRun {
  readonly origin: string;
  readonly clientIp: string;
  /** When the run after this one is due; `null` if this is the last run. */
  readonly nextRun: Date | null;
}

/** The request that a schedule sends to its function: POST with `{"next_run": …}`. */
export function scheduledCall(
  fn: LoadedFunction,
  { origin, clientIp, nextRun }: ScheduledRun,
): IncomingCall {
  return {
    method: 'POST',
    origin,
    path: fn.manifest.endpoint,
    query: '',
    rawHeaders: ['user-agent', clockworkUserAgent, 'content-type', 'application/json'],
    body: Buffer.from(JSON.stringify({ next_run: nextRun?.toISOString() ?? null })),
    clientIp,
  };
}
