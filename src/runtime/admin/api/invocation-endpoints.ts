import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { sendError } from '../../http/error-answer.ts';
import { invocationStates } from '../../queue/invocation.ts';
import { shownDetail, shownInvocation } from '../../queue/shown-invocation.ts';
import type { ApiRequest } from './api-request.ts';
import { sendJson } from './json-messages.ts';

const listQuerySchema = z.object({
  function: z.string().optional(),
  state: z.array(z.enum(invocationStates)),
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
  before: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
});

export async function listInvocations({ response, query, context }: ApiRequest): Promise<void> {
  const wanted = listQuerySchema.parse({
    function: query.get('function') ?? undefined,
    state: query.getAll('state').flatMap((value) => value.split(',')),
    since: query.get('since') ?? undefined,
    until: query.get('until') ?? undefined,
    before: query.get('before') ?? undefined,
    limit: query.get('limit') ?? undefined,
  });
  const invocations = await context.store.list({
    functionName: wanted.function,
    states: wanted.state.length === 0 ? undefined : wanted.state,
    acceptedAfterMs: wanted.since,
    acceptedBeforeMs: wanted.until,
    beforeId: wanted.before,
    limit: wanted.limit,
  });
  sendJson(response, 200, { invocations: invocations.map(shownInvocation) });
}

export async function showInvocation({
  response,
  parameters: [id = ''],
  context,
}: ApiRequest): Promise<void> {
  const detail = await context.store.get(id);
  if (detail === undefined) sendNotFound(response, id);
  else sendJson(response, 200, shownDetail(detail));
}

export async function retryInvocation({
  response,
  parameters: [id = ''],
  context,
}: ApiRequest): Promise<void> {
  const changed = await context.store.replay(id, context.now());
  await answerChange(
    { response, id, context },
    changed,
    'Only a failed or cancelled invocation can be retried',
  );
}

export async function cancelInvocation({
  response,
  parameters: [id = ''],
  context,
}: ApiRequest): Promise<void> {
  const changed = await context.store.cancel(id, context.now());
  await answerChange(
    { response, id, context },
    changed,
    'Only a queued or running invocation can be cancelled',
  );
}

/** Answers with the changed invocation, or with 409 if its state did not allow the change. */
async function answerChange(
  { response, id, context }: Pick<ApiRequest, 'response' | 'context'> & { readonly id: string },
  changed: boolean,
  rule: string,
): Promise<void> {
  const detail = await context.store.get(id);
  if (detail === undefined) {
    sendNotFound(response, id);
  } else if (changed) {
    context.wake();
    sendJson(response, 200, shownDetail(detail));
  } else {
    sendError(response, {
      status: 409,
      errorType: 'WrongState',
      errorMessage: `${rule}; this one is ${detail.invocation.state}.`,
    });
  }
}

const retryFailedQuerySchema = z.object({
  function: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
});

/** Queues failed invocations again, newest first. */
export async function retryFailed({ response, query, context }: ApiRequest): Promise<void> {
  const { function: functionName, limit } = retryFailedQuerySchema.parse(Object.fromEntries(query));
  const failed = await context.store.list({ limit, states: ['failed'], functionName });
  const replayed = await Promise.all(
    failed.map(({ id }) => context.store.replay(id, context.now())),
  );
  context.wake();
  sendJson(response, 200, { retried: replayed.filter(Boolean).length });
}

function sendNotFound(response: ServerResponse, id: string): void {
  sendError(response, {
    status: 404,
    errorType: 'InvocationNotFound',
    errorMessage: `There is no invocation ${id}.`,
  });
}
