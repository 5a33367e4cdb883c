import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { nextRunOf } from '../../calls/cron.ts';
import type { OperatorCall, OperatorCalls } from '../../calls/operator-calls.ts';
import { sendError } from '../../http/error-answer.ts';
import { readBody } from '../../http/read-body.ts';
import type { LoadedFunction } from '../../load/load-functions.ts';
import type { LogFilter, LogStore } from '../../logs/log-store.ts';
import type { LogSink } from '../../observe/log-sink.ts';
import type { Metrics } from '../../observe/metrics.ts';
import { deliveredFunctionOf } from '../../queue/delivery.ts';
import { type ListFilter, type Store, StoreUnavailableError } from '../../queue/store.ts';
import type { History } from './history.ts';
import type { LogStreams } from './log-stream.ts';

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

/** What the admin API can see and do. */
export interface AdminContext extends OperatorCalls {
  readonly token?: string;
  readonly store: Store;
  readonly logStore: LogStore;
  readonly logs: LogSink;
  readonly metrics: Metrics;
  readonly history: History;
  readonly now: () => number;
  readonly functions: () => readonly LoadedFunction[];
  readonly isReady: () => Promise<boolean>;
  /** The queue has work again. */
  readonly wake: () => void;
  readonly onLogLine: (listener: () => void) => () => void;
}

/** What the API itself has beside it. */
export interface ApiContext extends AdminContext {
  readonly logStreams: LogStreams;
}

interface ApiRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What the path's parameters matched, decoded. */
  readonly parameters: readonly string[];
  readonly context: ApiContext;
}

interface ApiRoute {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly shown: string;
  readonly answer: (api: ApiRequest) => Promise<void>;
}

const routes: readonly ApiRoute[] = [
  { method: 'GET', path: /^\/api\/functions$/, shown: '/api/functions', answer: listFunctions },
  {
    method: 'POST',
    path: /^\/api\/functions\/([^/]+)\/invoke$/,
    shown: '/api/functions/:name/invoke',
    answer: invokeFunction,
  },
  {
    method: 'POST',
    path: /^\/api\/events\/([^/]+)$/,
    shown: '/api/events/:slug',
    answer: emitEvent,
  },
  {
    method: 'GET',
    path: /^\/api\/invocations$/,
    shown: '/api/invocations?function&state&since&until&before&limit',
    answer: listInvocations,
  },
  {
    method: 'GET',
    path: /^\/api\/invocations\/([^/]+)$/,
    shown: '/api/invocations/:id',
    answer: showInvocation,
  },
  {
    method: 'POST',
    path: /^\/api\/invocations\/retry$/,
    shown: '/api/invocations/retry?function&limit',
    answer: retryFailed,
  },
  {
    method: 'POST',
    path: /^\/api\/invocations\/([^/]+)\/(retry|cancel)$/,
    shown: '/api/invocations/:id/retry|cancel',
    answer: changeInvocation,
  },
  { method: 'GET', path: /^\/api\/history$/, shown: '/api/history', answer: readHistory },
  {
    method: 'GET',
    path: /^\/api\/logs$/,
    shown: '/api/logs?function&invocation&level&since&until&after&limit&follow',
    answer: readLogs,
  },
];

const maxBodyBytes = 1_048_576;
const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

/** Answers a request under `/api/`, and `/api` with a list of what there is. */
export async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  context: ApiContext,
): Promise<void> {
  if (url.pathname === '/api' || url.pathname === '/api/') {
    sendJson(response, 200, {
      name: 'bgfn',
      endpoints: routes.map(({ method, shown }) => `${method} ${shown}`),
    });
    return;
  }
  const matching = routes.filter((route) => route.path.test(url.pathname));
  const route = matching.find(({ method }) => method === request.method);
  if (route === undefined) {
    if (matching.length === 0) {
      sendError(response, {
        status: 404,
        errorType: 'NotFound',
        errorMessage: `There is nothing at ${url.pathname}.`,
      });
    } else {
      sendError(response, {
        status: 405,
        errorType: 'MethodNotAllowed',
        errorMessage: `${url.pathname} does not take ${request.method ?? ''}.`,
        headers: { allow: matching.map(({ method }) => method).join(', ') },
      });
    }
    return;
  }
  const parameters = (route.path.exec(url.pathname) ?? []).slice(1).map(decodeParameter);
  try {
    await route.answer({ request, response, query: url.searchParams, parameters, context });
  } catch (error) {
    if (error instanceof StoreUnavailableError) {
      sendError(response, {
        status: 503,
        errorType: 'StoreUnavailable',
        errorMessage: error.message,
        headers: { 'retry-after': '5' },
      });
    } else if (error instanceof z.ZodError) {
      sendError(response, {
        status: 400,
        errorType: 'BadRequest',
        errorMessage: z.prettifyError(error),
      });
    } else {
      throw error;
    }
  }
}

async function listFunctions({ response, context }: ApiRequest): Promise<void> {
  const stats = await context.store.stats(context.now());
  const counts = new Map(stats.map((stat) => [stat.functionName, stat]));
  const deployed = context.functions();
  const names = new Set(deployed.map(({ name }) => name));
  sendJson(response, 200, {
    // What is in the queue and is no function of the manifest: deliveries, and functions that were taken out.
    others: stats
      .filter(({ functionName }) => !names.has(functionName))
      .map((stat) => ({
        name: stat.functionName,
        deliveriesOf: deliveredFunctionOf(stat.functionName) ?? null,
        counts: stat.counts,
        oldestDueMs: stat.oldestDueMs ?? null,
      })),
    functions: deployed.map(({ name, mode, manifest }) => ({
      name,
      mode,
      runtime: manifest.runtime,
      endpoint: manifest.endpoint,
      routes: manifest.routes ?? [],
      methods: manifest.methods ?? [],
      timeoutSeconds: manifest.timeout,
      retry: manifest.retry ?? null,
      schedule: manifest.schedule ?? null,
      nextRun:
        manifest.schedule === undefined
          ? null
          : (nextRunOf(manifest.schedule, context.now())?.toISOString() ?? null),
      eventSubscriptions: manifest.eventSubscriptions ?? [],
      version: manifest.artifact.sha256,
      counts: counts.get(name)?.counts ?? null,
      oldestDueMs: counts.get(name)?.oldestDueMs ?? null,
    })),
  });
}

async function invokeFunction({
  request,
  response,
  parameters: [name = ''],
  context,
}: ApiRequest): Promise<void> {
  const text = await bodyText(request, response);
  if (text === undefined) return;
  const call = operatorCallSchema.safeParse(text === '' ? {} : parseJson(text));
  if (!call.success) {
    sendError(response, {
      status: 400,
      errorType: 'BadRequest',
      errorMessage: z.prettifyError(call.error),
    });
    return;
  }
  const id = await context.invoke(name, call.data);
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

async function emitEvent({
  request,
  response,
  parameters: [slug = ''],
  context,
}: ApiRequest): Promise<void> {
  const text = await bodyText(request, response);
  if (text === undefined) return;
  sendJson(response, 202, { invocations: await context.emit(slug, text) });
}

const listQuerySchema = z.object({
  function: z.string().optional(),
  state: z.array(z.enum(states)),
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
  before: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
});

async function listInvocations({ response, query, context }: ApiRequest): Promise<void> {
  const parsed = listQuerySchema.parse({
    function: query.get('function') ?? undefined,
    state: query.getAll('state').flatMap((value) => value.split(',')),
    since: query.get('since') ?? undefined,
    until: query.get('until') ?? undefined,
    before: query.get('before') ?? undefined,
    limit: query.get('limit') ?? undefined,
  });
  const filter: ListFilter = {
    limit: parsed.limit,
    ...(parsed.function === undefined ? {} : { functionName: parsed.function }),
    ...(parsed.state.length === 0 ? {} : { states: parsed.state }),
    ...(parsed.since === undefined ? {} : { acceptedAfterMs: parsed.since }),
    ...(parsed.until === undefined ? {} : { acceptedBeforeMs: parsed.until }),
    ...(parsed.before === undefined ? {} : { beforeId: parsed.before }),
  };
  sendJson(response, 200, { invocations: await context.store.list(filter) });
}

async function showInvocation({
  response,
  parameters: [id = ''],
  context,
}: ApiRequest): Promise<void> {
  const detail = await context.store.get(id);
  if (detail === undefined) {
    sendError(response, {
      status: 404,
      errorType: 'InvocationNotFound',
      errorMessage: `There is no invocation ${id}.`,
    });
  } else {
    sendJson(response, 200, detail);
  }
}

async function changeInvocation({
  response,
  parameters: [id = '', action],
  context,
}: ApiRequest): Promise<void> {
  const changed =
    action === 'retry'
      ? await context.store.replay(id, context.now())
      : await context.store.cancel(id, context.now());
  const detail = await context.store.get(id);
  if (detail === undefined) {
    sendError(response, {
      status: 404,
      errorType: 'InvocationNotFound',
      errorMessage: `There is no invocation ${id}.`,
    });
    return;
  }
  if (!changed) {
    const when =
      action === 'retry'
        ? 'Only a failed or cancelled invocation can be retried'
        : 'Only a queued or running invocation can be cancelled';
    sendError(response, {
      status: 409,
      errorType: 'WrongState',
      errorMessage: `${when}; this one is ${detail.invocation.state}.`,
    });
    return;
  }
  context.wake();
  sendJson(response, 200, detail);
}

const retryQuerySchema = z.object({
  function: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
});

/** Queues the dead letters again, the newest first. */
async function retryFailed({ response, query, context }: ApiRequest): Promise<void> {
  const { function: functionName, limit } = retryQuerySchema.parse(Object.fromEntries(query));
  const failed = await context.store.list({
    limit,
    states: ['failed'],
    ...(functionName === undefined ? {} : { functionName }),
  });
  const replayed = await Promise.all(
    failed.map(({ id }) => context.store.replay(id, context.now())),
  );
  context.wake();
  sendJson(response, 200, { retried: replayed.filter(Boolean).length });
}

async function readHistory({ response, context }: ApiRequest): Promise<void> {
  sendJson(response, 200, {
    intervalMs: context.history.intervalMs,
    samples: context.history.samples(),
  });
}

const logQuerySchema = z.object({
  function: z.string().optional(),
  invocation: z.string().optional(),
  level: z.enum(['debug', 'info', 'warn', 'error']).optional(),
  since: z.coerce.number().optional(),
  until: z.coerce.number().optional(),
  after: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(500),
});

async function readLogs({ request, response, query, context }: ApiRequest): Promise<void> {
  const parsed = logQuerySchema.parse(Object.fromEntries(query));
  // A browser's EventSource says in this header where it was when the connection broke.
  const resume = Number(request.headers['last-event-id'] ?? Number.NaN);
  const after = Number.isNaN(resume) ? parsed.after : resume;
  const filter: LogFilter = {
    limit: parsed.limit,
    ...(parsed.function === undefined ? {} : { functionName: parsed.function }),
    ...(parsed.invocation === undefined ? {} : { invocationId: parsed.invocation }),
    ...(parsed.level === undefined ? {} : { minLevel: parsed.level }),
    ...(parsed.since === undefined ? {} : { sinceMs: parsed.since }),
    ...(parsed.until === undefined ? {} : { untilMs: parsed.until }),
    ...(after === undefined ? {} : { afterSequence: after }),
  };
  if (query.has('follow') && query.get('follow') !== '0') {
    if (!context.logStreams.open(response, filter)) {
      sendError(response, {
        status: 503,
        errorType: 'TooManyStreams',
        errorMessage: 'Too many readers follow the logs at the moment.',
        headers: { 'retry-after': '5' },
      });
    }
    return;
  }
  await context.logStore.flush();
  sendJson(response, 200, { lines: await context.logStore.read(filter) });
}

async function bodyText(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string | undefined> {
  if (request.headers.expect !== undefined) response.writeContinue();
  const result = await readBody(request, maxBodyBytes);
  if (result.kind === 'complete') return result.body.toString('utf8');
  if (result.kind === 'too-large') {
    sendError(response, {
      status: 413,
      errorType: 'PayloadTooLarge',
      errorMessage: `At most ${maxBodyBytes} bytes.`,
      headers: { connection: 'close' },
    });
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodeParameter(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': body.length,
  });
  response.end(body);
}
