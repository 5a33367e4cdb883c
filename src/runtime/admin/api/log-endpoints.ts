import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { sendError } from '../../http/error-answer.ts';
import type { LogFilter } from '../../logs/log-store.ts';
import type { ApiRequest } from './api-request.ts';
import { sendJson } from './json-messages.ts';

const logQuerySchema = z.object({
  function: z.string().optional(),
  invocation: z.string().optional(),
  level: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
  after: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(500),
});

/** Answers with the existing lines. With `follow`, a stream of events continues with each new line. */
export async function readLogs({ request, response, query, context }: ApiRequest): Promise<void> {
  const wanted = logQuerySchema.parse(Object.fromEntries(query));
  const filter: LogFilter = {
    functionName: wanted.function,
    invocationId: wanted.invocation,
    minLevel: wanted.level,
    sinceMs: wanted.since,
    untilMs: wanted.until,
    afterSequence: lastSequenceSeen(request) ?? wanted.after,
    limit: wanted.limit,
  };
  if (!query.has('follow') || query.get('follow') === '0') {
    await context.logStore.flush();
    sendJson(response, 200, { lines: await context.logStore.read(filter) });
  } else if (!context.logStreams.open(response, filter)) {
    sendError(response, {
      status: 503,
      errorType: 'TooManyStreams',
      errorMessage: 'Too many readers follow the logs at the moment.',
      headers: { 'retry-after': '5' },
    });
  }
}

/**
 * The id of the last event that a browser's EventSource received, which it sends when it
 * reconnects.
 */
function lastSequenceSeen(request: IncomingMessage): number | undefined {
  const sequence = Number(request.headers['last-event-id'] ?? Number.NaN);
  return Number.isNaN(sequence) ? undefined : sequence;
}
