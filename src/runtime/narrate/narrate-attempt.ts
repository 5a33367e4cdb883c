import { formatDuration } from '../../diagnostic/format-duration.ts';
import type { AttemptEvent } from '../dispatch/dispatcher-event.ts';
import type { LogLevel } from '../logs/log-store.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Metrics } from '../observe/metrics.ts';
import { stackFrames } from '../observe/stack-frames.ts';
import { attemptLabel } from './attempt-label.ts';
import { nextStep } from './next-step.ts';

/** Reports an event of an attempt of a call in the logs and metrics. */
export function narrateAttempt(event: AttemptEvent, logs: LogSink, metrics: Metrics): void {
  const { functionName, attempt } = event.invocation;
  const log = (level: LogLevel, text: string): void =>
    logs.platform({ level, ...attemptLabel(event.invocation), text });
  switch (event.kind) {
    case 'started':
      if (attempt === 1) metrics.begun(functionName, waitOf(event));
      return;
    case 'succeeded':
      metrics.succeeded(functionName, event.durationMs);
      log('info', `succeeded in ${formatDuration(event.durationMs)}`);
      return;
    case 'failed': {
      const { durationMs, error, next } = event;
      metrics.failed(functionName, error.reason, durationMs, next.state === 'failed');
      log('error', failureText(event, logs.now()));
      return;
    }
    case 'released':
      metrics.interrupted(functionName, 'released');
      log('warn', 'cut off by the shutdown and back in the queue; the attempt does not count');
      return;
    case 'lease-lost':
      metrics.interrupted(functionName, 'cancelled');
      log('warn', 'stopped: it was cancelled, or another runtime took it over');
      return;
    case 'unrecorded':
      metrics.interrupted(functionName, 'unrecorded');
      log('error', 'its outcome could not be stored before the shutdown; it will be run again');
      return;
    case 'rescued':
      metrics.lost(functionName, event.invocation.state === 'failed');
      log(
        'warn',
        `the runtime that ran it ended without recording an outcome; ${nextStep(event.invocation, logs.now())}`,
      );
  }
}

type EventOf<Kind extends AttemptEvent['kind']> = Extract<AttemptEvent, { readonly kind: Kind }>;

/**
 * Returns the time from the accept (or the replay) to the first attempt, in ms. The time is never
 * negative, although the wall clock may have been set back.
 */
function waitOf({ invocation, atMs }: EventOf<'started'>): number {
  return Math.max(0, atMs - (invocation.replayedAtMs ?? invocation.acceptedAtMs));
}

function failureText(
  { invocation, durationMs, error, next }: EventOf<'failed'>,
  nowMs: number,
): string {
  const outcome = `attempt ${invocation.attempt} failed after ${formatDuration(durationMs)}`;
  const why = `(${error.reason}): ${error.type}: ${error.message}${stackFrames(error.stack)}`;
  return `${outcome} ${why}\n${nextStep(next, nowMs)}`;
}
