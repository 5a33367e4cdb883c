import { type TraceHeaders, newTraceparent, traceOf } from './trace-context.ts';

/**
 * Records traces of calls and attempts. Without OpenTelemetry nothing is recorded, and the caller's
 * trace is still passed on to the function.
 */
export interface Tracing {
  /** Begins the span of an incoming call. */
  startCall(call: TracedCall): CallSpan;
  /** Begins the span of an attempt. */
  attempt(run: TracedRun): AttemptSpan;
}

export interface TracedCall {
  readonly functionName: string;
  readonly invocationId: string;
  readonly mode: 'background' | 'sync';
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value … as they came. */
  readonly rawHeaders: readonly string[];
}

export interface CallSpan {
  /** The headers of the function's event. They are stored, so that every attempt joins this trace. */
  readonly headers: TraceHeaders;
  end(outcome: { readonly status: number } | { readonly error: unknown }): void;
}

export interface TracedRun {
  readonly functionName: string;
  readonly invocationId: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  /** For a first attempt: when the invocation was accepted or replayed, ms since the epoch. */
  readonly waitedFromMs: number | undefined;
  readonly startedAtMs: number;
  /** Reads `traceparent` and `tracestate` of the stored call. */
  readonly headers: () => Readonly<Record<string, unknown>>;
}

export interface AttemptSpan {
  /** Replaces the headers of the call: the function's spans are children of the attempt. */
  readonly headers: TraceHeaders | undefined;
  end(outcome: 'succeeded' | 'aborted' | TracedFailure): void;
}

/** Why an attempt failed. */
export interface TracedFailure {
  readonly reason: string;
  /** The class of the error. */
  readonly type: string;
  readonly message: string;
  readonly stack?: string | undefined;
}

const ignore = (): void => undefined;

/** Passes the caller's trace on, and begins one where there is none. */
export const passThrough: Tracing = {
  startCall: ({ rawHeaders }) => ({
    headers: traceOf(rawHeaders) ?? { traceparent: newTraceparent() },
    end: ignore,
  }),
  attempt: () => ({ headers: undefined, end: ignore }),
};
