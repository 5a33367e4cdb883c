import { formatDuration } from '../../diagnostic/format-duration.ts';
import type { DispatcherEvent } from '../dispatch/dispatcher-event.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Metrics } from '../observe/metrics.ts';

/** Tells what the dispatcher did: as log lines for people, as counts for the metrics. */
export function narrate(event: DispatcherEvent, logs: LogSink, metrics: Metrics): void {
  if (narrateDelivery(event, logs, metrics)) return;
  switch (event.kind) {
    case 'started':
      if (event.invocation.attempt === 1) {
        metrics.begun(
          event.invocation.functionName,
          Math.max(
            0,
            event.atMs - (event.invocation.replayedAtMs ?? event.invocation.acceptedAtMs),
          ),
        );
      }
      return;
    case 'succeeded':
      metrics.succeeded(event.invocation.functionName, event.durationMs);
      logs.platform({
        level: 'info',
        ...attemptOf(event.invocation),
        text: `succeeded in ${formatDuration(event.durationMs)}`,
      });
      return;
    case 'failed':
      metrics.failed(
        event.invocation.functionName,
        event.error.reason,
        event.durationMs,
        event.next.state === 'failed',
      );
      logs.platform({
        level: 'error',
        ...attemptOf(event.invocation),
        text: `attempt ${event.invocation.attempt} failed after ${formatDuration(event.durationMs)} (${event.error.reason}): ${event.error.type}: ${event.error.message}${stackFrames(event.error.stack)}\n${nextStep(event.next, logs.now())}`,
      });
      return;
    case 'released':
      metrics.interrupted(event.invocation.functionName, 'released');
      logs.platform({
        level: 'warn',
        ...attemptOf(event.invocation),
        text: 'cut off by the shutdown and back in the queue; the attempt does not count',
      });
      return;
    case 'lease-lost':
      metrics.interrupted(event.invocation.functionName, 'cancelled');
      logs.platform({
        level: 'warn',
        ...attemptOf(event.invocation),
        text: 'stopped: it was cancelled, or another runtime took it over',
      });
      return;
    case 'unrecorded':
      metrics.interrupted(event.invocation.functionName, 'unrecorded');
      logs.platform({
        level: 'error',
        ...attemptOf(event.invocation),
        text: 'its outcome could not be stored before the shutdown; it will be run again',
      });
      return;
    case 'rescued':
      metrics.lost(event.invocation.functionName, event.invocation.state === 'failed');
      logs.platform({
        level: 'warn',
        ...attemptOf(event.invocation),
        text: `the runtime that ran it ended without recording an outcome; ${nextStep(event.invocation, logs.now())}`,
      });
      return;
    case 'store-unavailable':
      logs.platform({
        level: 'error',
        text: `The queue cannot be read or written: ${event.message.replace(/\.$/, '')}. Background calls get 503 until it can.`,
      });
      return;
    case 'store-recovered':
      logs.platform({ level: 'info', text: 'The queue can be read and written again.' });
      return;
    case 'function-missing':
      logs.platform({
        level: 'warn',
        functionName: event.functionName,
        text: `${event.queued} invocations wait for ${event.functionName}, which is not in the manifest. They run when it is deployed again; bgfn invocations cancel drops them.`,
      });
      return;
    case 'held-back':
      logs.platform({
        level: 'warn',
        functionName: event.functionName,
        text: `${event.functionName} crashed ${event.crashes} times in a row; it is held back until ${new Date(event.untilMs).toISOString()}`,
      });
      return;
    case 'internal-error':
      logs.platform({
        level: 'error',
        text: `Bug in the runtime: ${event.error instanceof Error ? (event.error.stack ?? event.error.message) : String(event.error)}`,
      });
  }
}

/**
 * Deliveries to destinations have words and counts of their own. False when the event is not about
 * one.
 */
function narrateDelivery(event: DispatcherEvent, logs: LogSink, metrics: Metrics): boolean {
  if (!('invocation' in event) || event.invocation.kind !== 'delivery') return false;
  const functionName = event.invocation.outcomeOf;
  if (event.kind === 'succeeded') {
    metrics.delivered(functionName, 'succeeded');
    logs.platform({
      level: 'info',
      ...attemptOf(event.invocation),
      text: `the destination took the outcome in ${formatDuration(event.durationMs)}`,
    });
  } else if (event.kind === 'failed' || event.kind === 'rescued') {
    const next = event.kind === 'failed' ? event.next : event.invocation;
    const why =
      event.kind === 'failed'
        ? event.error.message
        : 'the runtime that told the destination ended before it had an answer';
    const isLast = next.state === 'failed';
    metrics.delivered(functionName, isLast ? 'failed' : 'retried');
    const step = isLast
      ? 'it is not tried again; `bgfn invocations retry` does'
      : nextStep(next, logs.now());
    logs.platform({
      level: isLast ? 'error' : 'warn',
      ...attemptOf(event.invocation),
      text: `the outcome could not be delivered: ${why}; ${step}`,
    });
  }
  return true;
}

type EventInvocation = Extract<DispatcherEvent, { readonly kind: 'rescued' }>['invocation'];

function attemptOf(invocation: {
  readonly functionName: string;
  readonly id: string;
  readonly attempt: number;
}) {
  return {
    functionName: invocation.functionName,
    invocationId: invocation.id,
    attempt: invocation.attempt,
  };
}

function nextStep(
  next: { readonly state: EventInvocation['state']; readonly availableAtMs?: number },
  nowMs: number,
): string {
  if (next.state !== 'queued' || next.availableAtMs === undefined) {
    return 'no attempt is left: the invocation has failed';
  }
  return `the next attempt is due in ${formatDuration(Math.max(0, next.availableAtMs - nowMs))}`;
}

/**
 * The frames of a stack and what follows them (properties, causes), on lines of their own: what
 * stands before repeats type and message.
 */
export function stackFrames(stack: string | undefined): string {
  const lines = (stack ?? '').split('\n');
  const first = lines.findIndex((line) => /^\s*at /.test(line));
  return first === -1 ? '' : `\n${lines.slice(first).join('\n')}`;
}
