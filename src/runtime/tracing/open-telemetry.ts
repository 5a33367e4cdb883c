import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as OpenTelemetryApi from '@opentelemetry/api';
import type {
  Attributes,
  Context,
  Span,
  SpanContext,
  Tracer,
  TracerProvider,
} from '@opentelemetry/api';
import {
  formatTraceparent,
  newTraceparent,
  parseTraceparent,
  traceOf,
  type TraceHeaders,
} from './trace-context.ts';
import {
  passThrough,
  type AttemptSpan,
  type CallSpan,
  type TracedCall,
  type TracedFailure,
  type TracedRun,
  type Tracing,
} from './tracing.ts';

type Api = typeof OpenTelemetryApi;

const packageName = '@opentelemetry/api';
/** The name of bgfn's tracer. */
const scope = 'bgfn';

/**
 * Loads the OpenTelemetry API that the project in `directory` has installed, or else the API
 * installed beside bgfn. Resolves to `undefined` if neither exists. The API does nothing until the
 * user registers an SDK (`node --import ./telemetry.js …`). All copies of the API share the SDK
 * that is registered with any of them.
 */
export async function loadOpenTelemetry(directory: string): Promise<Tracing | undefined> {
  for (const from of [pathToFileURL(path.join(directory, 'package.json')).href, import.meta.url]) {
    const file = resolveFrom(from);
    if (file !== undefined) {
      const module: { default?: Api } & Partial<Api> = await import(pathToFileURL(file).href);
      const api = module.trace === undefined ? module.default : (module as Api);
      if (api !== undefined) return new OpenTelemetryTracing(api);
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
 * Creates one span for each call, one for the wait before its first attempt, and one for each
 * attempt. The spans of the wait and of the attempts are children of the span of the call.
 * Attributes have the names of OpenTelemetry's semantic conventions for functions as a service and
 * for HTTP; bgfn's own attributes begin with `bgfn.`.
 */
class OpenTelemetryTracing implements Tracing {
  readonly #api: Api;
  readonly #tracer: Tracer;
  /** The provider that the API uses while no SDK is registered. */
  readonly #noopProvider: TracerProvider;

  constructor(api: Api) {
    this.#api = api;
    this.#tracer = api.trace.getTracer(scope);
    this.#noopProvider = new api.ProxyTracerProvider().getDelegate();
  }

  startCall(call: TracedCall): CallSpan {
    if (this.#hasNoSdk()) return passThrough.startCall(call);
    const incoming = traceOf(call.rawHeaders);
    const span = this.#tracer.startSpan(
      `${call.method} ${call.functionName}`,
      { kind: this.#api.SpanKind.SERVER, attributes: attributesOfCall(call) },
      this.#contextOf(incoming),
    );
    return {
      headers: this.#headersOf(span) ?? incoming ?? { traceparent: newTraceparent() },
      end: (outcome) => {
        if ('status' in outcome) this.#setStatus(span, outcome.status);
        else this.#fail(span, failureOf(outcome.error));
        span.end();
      },
    };
  }

  attempt(run: TracedRun): AttemptSpan {
    const parent = this.#contextOf(storedTrace(run.headers()));
    const attributes = attributesOfRun(run);
    if (run.waitedFromMs !== undefined) {
      this.#tracer
        .startSpan(
          `queue ${run.functionName}`,
          { kind: this.#api.SpanKind.INTERNAL, startTime: run.waitedFromMs, attributes },
          parent,
        )
        .end(Math.max(run.waitedFromMs, run.startedAtMs));
    }
    const span = this.#tracer.startSpan(
      `run ${run.functionName}`,
      {
        kind: this.#api.SpanKind.CONSUMER,
        attributes: { ...attributes, 'faas.trigger': 'pubsub' },
      },
      parent,
    );
    return {
      headers: this.#headersOf(span),
      end: (outcome) => {
        if (outcome === 'aborted') {
          span.setAttribute('bgfn.aborted', true);
        } else if (outcome !== 'succeeded') {
          span.setAttribute('bgfn.failure_reason', outcome.reason);
          this.#fail(span, outcome);
        }
        span.end();
      },
    };
  }

  /**
   * Whether no SDK is registered. Many projects have the API because one of their packages needs
   * it, and no SDK. A span that nobody receives costs a call as much as its way through the queue,
   * so no span is created without an SDK.
   */
  #hasNoSdk(): boolean {
    const provider = this.#api.trace.getTracerProvider();
    return (
      provider instanceof this.#api.ProxyTracerProvider &&
      provider.getDelegate() === this.#noopProvider
    );
  }

  /**
   * Returns the context of a parent span in another process, or the root context if there is no
   * parent.
   */
  #contextOf(headers: TraceHeaders | undefined): Context {
    const { trace, ROOT_CONTEXT, TraceFlags, createTraceState } = this.#api;
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
  }

  /**
   * Returns the headers of a span, or `undefined` for a span without ids. A span has no ids if no
   * SDK is registered and the caller sent no trace.
   */
  #headersOf(span: Span): TraceHeaders | undefined {
    if (!this.#api.trace.isSpanContextValid(span.spanContext())) return undefined;
    const { traceId, spanId, traceFlags, traceState } = span.spanContext();
    const traceparent = formatTraceparent({ traceId, spanId, isSampled: (traceFlags & 1) === 1 });
    const tracestate = traceState?.serialize() ?? '';
    return tracestate === '' ? { traceparent } : { traceparent, tracestate };
  }

  #setStatus(span: Span, status: number): void {
    span.setAttribute('http.response.status_code', status);
    if (status >= 500) span.setStatus({ code: this.#api.SpanStatusCode.ERROR });
  }

  #fail(span: Span, { type, message, stack }: Omit<TracedFailure, 'reason'>): void {
    span.setAttribute('error.type', type);
    span.recordException({ name: type, message, ...(stack === undefined ? {} : { stack }) });
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message });
  }
}

function attributesOfCall(call: TracedCall): Attributes {
  return {
    'faas.trigger': 'http',
    'faas.invoked_name': call.functionName,
    'faas.invocation_id': call.invocationId,
    'http.request.method': call.method,
    'url.path': call.path,
    'bgfn.mode': call.mode,
  };
}

function attributesOfRun(run: TracedRun): Attributes {
  return {
    'faas.name': run.functionName,
    'faas.invocation_id': run.invocationId,
    'bgfn.attempt': run.attempt,
    'bgfn.max_attempts': run.maxAttempts,
  };
}

function failureOf(error: unknown): { readonly type: string; readonly message: string } {
  return error instanceof Error
    ? { type: error.name, message: error.message }
    : { type: 'Error', message: String(error) };
}

function storedTrace(headers: Readonly<Record<string, unknown>>): TraceHeaders | undefined {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string') return undefined;
  return typeof tracestate === 'string' ? { traceparent, tracestate } : { traceparent };
}
