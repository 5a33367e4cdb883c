import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as OpenTelemetryApi from '@opentelemetry/api';
import type { Attributes, Context, Span, SpanContext } from '@opentelemetry/api';
import {
  formatTraceparent,
  newTraceparent,
  parseTraceparent,
  traceOf,
  type TraceHeaders,
} from './trace-context.ts';
import { passThrough, type Tracing } from './tracing.ts';

type Api = typeof OpenTelemetryApi;

const packageName = '@opentelemetry/api';
/**
 * Names of attributes are OpenTelemetry's semantic conventions for functions as a service and HTTP;
 * ours begin with `bgfn.`.
 */
const scope = 'bgfn';

/**
 * Traces through the OpenTelemetry API of the project in `directory`, or of the one beside bgfn;
 * `undefined` when there is neither. The API does nothing until an SDK is registered, which is the
 * user's part (`node --import ./telemetry.js …`); whichever copy of the API registered it, all
 * copies share it.
 */
export async function loadOpenTelemetry(directory: string): Promise<Tracing | undefined> {
  for (const from of [pathToFileURL(path.join(directory, 'package.json')).href, import.meta.url]) {
    const file = resolveFrom(from);
    if (file !== undefined) {
      const module: { default?: Api } & Partial<Api> = await import(pathToFileURL(file).href);
      const api = module.trace === undefined ? module.default : (module as Api);
      if (api !== undefined) return createTracing(api);
    }
  }
  return undefined;
}

function resolveFrom(from: string): string | undefined {
  try {
    return createRequire(from).resolve(packageName);
  } catch {
    return undefined;
  }
}

/**
 * Spans: one for each call, one for the wait before its first attempt, one for each attempt;
 * attempts are children of the call they came from.
 */
function createTracing(api: Api): Tracing {
  const {
    trace,
    SpanKind,
    SpanStatusCode,
    ROOT_CONTEXT,
    TraceFlags,
    createTraceState,
    ProxyTracerProvider,
  } = api;
  const tracer = trace.getTracer(scope);
  const doesNothing = new ProxyTracerProvider().getDelegate();
  /**
   * Many projects have the API for one of their packages and no SDK; spans that nobody gets cost a
   * call as much as its way through the queue.
   */
  const isIdle = (): boolean => {
    const provider = trace.getTracerProvider();
    return provider instanceof ProxyTracerProvider && provider.getDelegate() === doesNothing;
  };

  const remote = (headers: TraceHeaders | undefined): Context => {
    const parent = parseTraceparent(headers?.traceparent);
    if (parent === undefined) return ROOT_CONTEXT;
    const { traceId, spanId, isSampled } = parent;
    const context: SpanContext = {
      traceId,
      spanId,
      traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      isRemote: true,
    };
    return trace.setSpanContext(
      ROOT_CONTEXT,
      headers?.tracestate === undefined
        ? context
        : { ...context, traceState: createTraceState(headers.tracestate) },
    );
  };
  /** None while no SDK is registered and nobody began a trace: such a span has no ids. */
  const headersOf = (span: Span): TraceHeaders | undefined => {
    if (!trace.isSpanContextValid(span.spanContext())) return undefined;
    const { traceId, spanId, traceFlags, traceState } = span.spanContext();
    const traceparent = formatTraceparent({ traceId, spanId, isSampled: (traceFlags & 1) === 1 });
    const tracestate = traceState?.serialize() ?? '';
    return tracestate === '' ? { traceparent } : { traceparent, tracestate };
  };
  const fail = (span: Span, type: string, message: string, stack?: string): void => {
    span.setAttribute('error.type', type);
    span.recordException({ name: type, message, ...(stack === undefined ? {} : { stack }) });
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  };

  return {
    accept(call) {
      if (isIdle()) return passThrough.accept(call);
      const attributes: Attributes = {
        'faas.trigger': 'http',
        'faas.invoked_name': call.functionName,
        'faas.invocation_id': call.invocationId,
        'http.request.method': call.method,
        'url.path': call.path,
        'bgfn.mode': call.mode,
      };
      const incoming = traceOf(call.rawHeaders);
      const span = tracer.startSpan(
        `${call.method} ${call.functionName}`,
        { kind: SpanKind.SERVER, attributes },
        remote(incoming),
      );
      return {
        headers: headersOf(span) ?? incoming ?? { traceparent: newTraceparent() },
        end(outcome) {
          if ('status' in outcome) {
            span.setAttribute('http.response.status_code', outcome.status);
            if (outcome.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          } else {
            const { error } = outcome;
            fail(
              span,
              error instanceof Error ? error.name : 'Error',
              error instanceof Error ? error.message : String(error),
            );
          }
          span.end();
        },
      };
    },
    attempt(run) {
      const parent = remote(storedTrace(run.headers()));
      const attributes: Attributes = {
        'faas.name': run.functionName,
        'faas.invocation_id': run.invocationId,
        'bgfn.attempt': run.attempt,
        'bgfn.max_attempts': run.maxAttempts,
      };
      if (run.waitedFromMs !== undefined) {
        tracer
          .startSpan(
            `queue ${run.functionName}`,
            { kind: SpanKind.INTERNAL, startTime: run.waitedFromMs, attributes },
            parent,
          )
          .end(Math.max(run.waitedFromMs, run.startedAtMs));
      }
      const span = tracer.startSpan(
        `run ${run.functionName}`,
        { kind: SpanKind.CONSUMER, attributes: { ...attributes, 'faas.trigger': 'pubsub' } },
        parent,
      );
      return {
        headers: headersOf(span),
        end(outcome) {
          if (outcome === 'aborted') {
            span.setAttribute('bgfn.aborted', true);
          } else if (outcome !== 'succeeded') {
            span.setAttribute('bgfn.failure_reason', outcome.reason);
            fail(span, outcome.type, outcome.message, outcome.stack);
          }
          span.end();
        },
      };
    },
  };
}

function storedTrace(headers: Readonly<Record<string, unknown>>): TraceHeaders | undefined {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string') return undefined;
  return typeof tracestate === 'string' ? { traceparent, tracestate } : { traceparent };
}
