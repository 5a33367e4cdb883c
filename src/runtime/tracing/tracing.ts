import type { AttemptError } from '../queue/invocation.ts';
import { type TraceHeaders, newTraceparent, traceOf } from './trace-context.ts';

/**
 * Where traces of calls and attempts go. Without OpenTelemetry nothing is recorded, and the
 * caller's trace reaches the function all the same.
 */
export interface Tracing {
  /** A call came in. */
  accept(call: TracedCall): CallSpan;
  /** An attempt begins. */
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
  /** What the event has to say; kept with it, so that every attempt belongs to this trace. */
  readonly headers: TraceHeaders;
  end(outcome: { readonly status: number } | { readonly error: unknown }): void;
}

export interface TracedRun {
  readonly functionName: string;
  readonly invocationId: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Since when it could have run, for the first attempt: the accept or the replay. Ms. */
  readonly waitedFromMs: number | undefined;
  readonly startedAtMs: number;
  /** Where `traceparent` and `tracestate` of the stored call are. */
  readonly headers: () => Readonly<Record<string, unknown>>;
}

export interface AttemptSpan {
  /** Replaces the headers of the call: the function's spans are children of the attempt. */
  readonly headers: TraceHeaders | undefined;
  end(outcome: 'succeeded' | 'aborted' | AttemptError): void;
}

const ignore = (): void => undefined;

/** Passes the caller's trace on, and begins one where there is none. */
export const passThrough: Tracing = {
  accept: ({ rawHeaders }) => ({
    headers: traceOf(rawHeaders) ?? { traceparent: newTraceparent() },
    end: ignore,
  }),
  attempt: () => ({ headers: undefined, end: ignore }),
};
