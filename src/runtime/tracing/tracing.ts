import { type TraceHeaders, newTraceparent, traceOf } from './trace-context.ts';

/**
 * Records traces of calls and attempts. Without OpenTelemetry nothing is recorded, but the caller's
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
  /** Alternating names and values, as the request sent them. */
  readonly rawHeaders: readonly string[];
}

export interface CallSpan {
  /**
   * The trace headers of the function's event. They are stored with the call, so that every attempt
   * joins this trace.
   */
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
  /**
   * Replaces the trace headers of the call, so that the function's spans become children of the
   * attempt.
   */
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

/** Passes the caller's trace on, and begins a trace if the caller sent none. */
export const passThrough: Tracing = {
  startCall: ({ rawHeaders }) => ({
    headers: traceOf(rawHeaders) ?? { traceparent: newTraceparent() },
    end: ignore,
  }),
  attempt: () => ({ headers: undefined, end: ignore }),
};
