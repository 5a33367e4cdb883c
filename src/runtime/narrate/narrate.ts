import { stackOf } from '../../diagnostic/system-error.ts';
import type { ConditionEvent, DispatcherEvent } from '../dispatch/dispatcher-event.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Metrics } from '../observe/metrics.ts';
import { narrateAttempt } from './narrate-attempt.ts';
import { narrateDelivery } from './narrate-delivery.ts';

/** Reports an event of the dispatcher as log lines for people and as counts of the metrics. */
export function narrate(event: DispatcherEvent, logs: LogSink, metrics: Metrics): void {
  if (!('invocation' in event)) narrateCondition(event, logs);
  else if (event.invocation.kind === 'call') narrateAttempt(event, logs, metrics);
  else narrateDelivery(event, event.invocation.outcomeOf, logs, metrics);
}

function narrateCondition(event: ConditionEvent, logs: LogSink): void {
  switch (event.kind) {
    case 'store-unavailable':
      logs.platform({
        level: 'error',
        text: `The queue cannot be read or written: ${sentence(event.message)} Background calls get 503 until it can.`,
      });
      return;
    case 'store-recovered':
      logs.platform({ level: 'info', text: 'The queue can be read and written again.' });
      return;
    case 'function-missing':
      logs.platform({
        level: 'warn',
        functionName: event.functionName,
        text:
          `${event.queued} invocations wait for ${event.functionName}, which is not in the manifest. ` +
          'They run when it is deployed again; bgfn invocations cancel drops them.',
      });
      return;
    case 'held-back':
      logs.platform({
        level: 'warn',
        functionName: event.functionName,
        text:
          `${event.functionName} crashed ${event.crashes} times in a row; ` +
          `it is held back until ${new Date(event.untilMs).toISOString()}`,
      });
      return;
    case 'internal-error':
      logs.platform({ level: 'error', text: `Bug in the runtime: ${stackOf(event.error)}` });
  }
}

/** Ends a message with a full stop if it has none. */
function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}
