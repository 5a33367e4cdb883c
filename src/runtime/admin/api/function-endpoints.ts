import { z } from 'zod';
import { nextRunOf } from '../../calls/cron.ts';
import type { OperatorCall } from '../../calls/operator-calls.ts';
import { sendError } from '../../http/error-answer.ts';
import type { LoadedFunction } from '../../load/load-functions.ts';
import type { FunctionStats } from '../../queue/store.ts';
import type { ApiRequest } from './api-request.ts';
import { parseJson, readText, sendJson } from './json-messages.ts';

const operatorCallSchema: z.ZodType<OperatorCall> = z.object({
  method: z
    .string()
    .regex(/^[A-Z]{1,20}$/)
    .default('POST'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default(''),
  event: z
    .string()
    .regex(/^[a-z_]+$/)
    .optional(),
  idempotencyKey: z.string().min(1).max(255).optional(),
});

export async function listFunctions({ response, context }: ApiRequest): Promise<void> {
  const nowMs = context.now();
  const stats = await context.store.stats(nowMs);
  const statsByName = new Map(stats.map((stat) => [stat.functionName, stat]));
  const deployed = context.functions();
  const deployedNames = new Set(deployed.map(({ name }) => name));
  sendJson(response, 200, {
    // `others`: deliveries to destinations, and functions that are no longer in the manifest.
    others: stats
      .filter(({ functionName }) => !deployedNames.has(functionName))
      .map((stat) => describeUndeployed(stat)),
    functions: deployed.map((fn) => describeDeployed(fn, statsByName.get(fn.name), nowMs)),
  });
}

function describeUndeployed(stat: FunctionStats): object {
  return {
    name: stat.functionName,
    deliveriesOf: stat.kind === 'delivery' ? stat.outcomeOf : null,
    counts: stat.counts,
    oldestDueMs: stat.oldestDueMs ?? null,
  };
}

function describeDeployed(
  { name, mode, manifest }: LoadedFunction,
  stat: FunctionStats | undefined,
  nowMs: number,
): object {
  const { schedule } = manifest;
  return {
    name,
    mode,
    runtime: manifest.runtime,
    endpoint: manifest.endpoint,
    routes: manifest.routes ?? [],
    methods: manifest.methods ?? [],
    timeoutSeconds: manifest.timeout,
    retry: manifest.retry ?? null,
    schedule: schedule ?? null,
    nextRun: schedule === undefined ? null : (nextRunOf(schedule, nowMs)?.toISOString() ?? null),
    eventSubscriptions: manifest.eventSubscriptions ?? [],
    version: manifest.artifact.sha256,
    counts: stat?.counts ?? null,
    oldestDueMs: stat?.oldestDueMs ?? null,
  };
}

export async function invokeFunction({
  request,
  response,
  parameters: [name = ''],
  context,
}: ApiRequest): Promise<void> {
  const text = await readText(request, response);
  if (text === undefined) return;
  const call = operatorCallSchema.parse(text === '' ? {} : parseJson(text));
  const id = await context.invoke(name, call);
  if (id === undefined) {
    sendError(response, {
      status: 404,
      errorType: 'FunctionNotFound',
      errorMessage: `There is no function ${name}.`,
    });
  } else {
    sendJson(response, 202, { id });
  }
}
