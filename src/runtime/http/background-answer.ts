import type { BackgroundCalls } from '../calls/background-calls.ts';
import type { LogSink } from '../observe/log-sink.ts';
import type { Metrics } from '../observe/metrics.ts';
import { StoreUnavailableError } from '../queue/store.ts';
import { requestIdHeader, sendError } from './error-answer.ts';
import { refusedCall } from './refusals.ts';
import type { CallAnswerer } from './route-request.ts';

export interface BackgroundAnswerOptions {
  readonly background: BackgroundCalls;
  readonly metrics: Pick<Metrics, 'acceptFailed'>;
  readonly logs: Pick<LogSink, 'platform'>;
}

const maxIdempotencyKeyLength = 255;

/**
 * Creates the answerer of background functions. A caller gets 202 once its call is durable, and 503
 * if the call could not be stored.
 */
export function createBackgroundAnswerer(options: BackgroundAnswerOptions): CallAnswerer {
  const { background, metrics, logs } = options;
  return async ({ request, response }, { fn, call, source }) => {
    const idempotencyKey = request.headers['idempotency-key'];
    if (!isUsableKey(idempotencyKey)) {
      const maxLength = maxIdempotencyKeyLength;
      sendError(response, refusedCall({ reason: 'idempotency-key-invalid', maxLength }));
      return;
    }
    try {
      const accepted = await background.enqueue(fn, call, { source, idempotencyKey });
      if (response.destroyed) return;
      response.writeHead(202, { [requestIdHeader]: accepted.id, 'content-length': '0' });
      response.end();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      metrics.acceptFailed(fn.name);
      logs.platform({
        level: 'error',
        functionName: fn.name,
        text: `A call of ${fn.name} was refused with 503: ${error.message}`,
      });
      sendError(response, refusedCall({ reason: 'not-stored' }));
    }
  };
}

/** Whether the call can be accepted with this header: without a key, or with exactly one valid key. */
function isUsableKey(key: string | string[] | undefined): key is string | undefined {
  if (key === undefined) return true;
  return !Array.isArray(key) && key !== '' && key.length <= maxIdempotencyKeyLength;
}
