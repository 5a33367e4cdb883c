import { formatDuration } from '../../diagnostic/format-duration.ts';
import type { AttemptEvent } from '../dispatch/dispatcher-event.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Invocation } from '../queue/invocation.ts';
import { attemptLabel } from './attempt-label.ts';
import { nextStep } from './next-step.ts';

/**
 * Reports an event of the delivery of an outcome of `functionName`. Only events that say whether
 * the destination accepted the outcome are counted and logged.
 */
export function narrateDelivery(
  event: AttemptEvent,
  functionName: string,
  logs: LogSink,
  metrics: Metrics,
): void {
  if (event.kind === 'succeeded') {
    metrics.delivered(functionName, 'succeeded');
    logs.platform({
      level: 'info',
      ...attemptLabel(event.invocation),
      text: `the destination took the outcome in ${formatDuration(event.durationMs)}`,
    });
  } else if (event.kind === 'failed' || event.kind === 'rescued') {
    const next = event.kind === 'failed' ? event.next : event.invocation;
    const isLast = next.state === 'failed';
    metrics.delivered(functionName, isLast ? 'failed' : 'retried');
    logs.platform({
      level: isLast ? 'error' : 'warn',
      ...attemptLabel(event.invocation),
      text: `the outcome could not be delivered: ${causeOf(event)}; ${stepAfter(next, logs.now())}`,
    });
  }
}

function causeOf(event: Extract<AttemptEvent, { readonly kind: 'failed' | 'rescued' }>): string {
  return event.kind === 'failed'
    ? event.error.message
    : 'the runtime that told the destination ended before it had an answer';
}

function stepAfter(next: Invocation, nowMs: number): string {
  return next.state === 'failed'
    ? 'it is not tried again; `bgfn invocations retry` does'
    : nextStep(next, nowMs);
}
