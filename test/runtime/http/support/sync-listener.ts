import type { IncomingMessage, ServerResponse } from 'node:http';
import { createByteBudget } from '../../../../src/runtime/http/byte-budget.ts';
import { openExchange } from '../../../../src/runtime/http/exchange.ts';
import { createLimiter } from '../../../../src/runtime/http/limiter.ts';
import {
  createSyncAnswerer,
  type SyncAnswerOptions,
} from '../../../../src/runtime/http/sync-answer.ts';
import { passThrough } from '../../../../src/runtime/tracing/tracing.ts';
import type { RunOutcome } from '../../../../src/runtime/worker/worker.ts';
import { loadedFunction } from '../../support/loaded-function.ts';

export type SyncListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Answers every request as a call of the function `shop` whose run ends as `outcome` says. The
 * caller is the developer, and every call has the id `one`.
 */
export function syncListener(
  outcome: RunOutcome,
  options: Partial<SyncAnswerOptions> = {},
): SyncListener {
  const answer = createSyncAnswerer({
    pool: { run: () => Promise.resolve(outcome) },
    limiter: createLimiter({ running: 8, waiting: 8 }),
    unreadAnswers: createByteBudget(Number.POSITIVE_INFINITY),
    tracing: passThrough,
    metrics: { sync: () => {} },
    logs: { platform: () => {}, forRun: () => () => {} },
    nextId: () => 'one',
    now: () => 0,
    signal: new AbortController().signal,
    ...options,
  });
  const callers = { trustLoopback: true, trustProxy: false, fallbackHost: 'localhost' };
  return async (request, response) => {
    const exchange = openExchange(request, response, callers);
    if (exchange === undefined) throw new Error('The request has no valid target.');
    await answer(exchange, {
      fn: loadedFunction({ name: 'shop' }),
      call: {
        method: exchange.method,
        ...exchange.target,
        rawHeaders: request.rawHeaders,
        body: Buffer.alloc(0),
        clientIp: exchange.clientIp,
      },
      source: undefined,
      siteHeaders: [],
    });
  };
}
