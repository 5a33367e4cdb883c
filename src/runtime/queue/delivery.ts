import type {
  AttemptError,
  AttemptRecord,
  CallDestinations,
  InvocationInState,
} from './invocation.ts';
import type { NewDelivery } from './store.ts';

/*
 * A delivery tells a destination how a call ended. It is an invocation of its own, of the kind
 * `delivery` and named `<name>:destination`: created in the transaction that ends the call, then
 * claimed, retried, listed and purged like any other. So no crash loses it, and no outcome is
 * delivered that was not recorded.
 */

/** The payload of a delivery. */
export interface Delivery {
  readonly url: string;
  /** The JSON text to send: the same bytes at every attempt. */
  readonly body: string;
  /** The trace that the call belongs to. */
  readonly traceparent: string | undefined;
}

/** The body that a destination gets, as JSON. Times are ISO 8601. */
export interface CallOutcome {
  readonly version: 1;
  readonly id: string;
  readonly function: string;
  readonly state: 'succeeded' | 'failed';
  readonly acceptedAt: string;
  readonly finishedAt: string;
  readonly attempts: readonly {
    readonly number: number;
    readonly startedAt: string;
    readonly finishedAt: string | null;
    readonly outcome: AttemptRecord['outcome'];
    readonly error: OutcomeError | null;
  }[];
  /** Why it failed, without the stack: that is not for others to see. */
  readonly error: OutcomeError | null;
  readonly request: CallDestinations['request'];
  /** The answer of the function, if it succeeded with one. */
  readonly response: unknown;
}

interface OutcomeError {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
}

/** An ended call, and what its delivery is made of. */
export interface EndedCall {
  readonly ended: InvocationInState<'succeeded' | 'failed'>;
  readonly attempts: readonly AttemptRecord[];
  readonly destinations: CallDestinations;
  /** The answer of the function, as JSON text. */
  readonly response: string | undefined;
}

/** Eight attempts in four hours: 10 s, 30 s, 2 m, 10 m, 30 m, 1 h, 2 h apart. */
const deliveryRetry = {
  maxAttempts: 8,
  delaysSeconds: [10, 30, 120, 600, 1800, 3600, 7200],
  maxEventAgeSeconds: 86_400,
};

/**
 * The name under which the deliveries of a function's outcomes are queued and shown. No function
 * can have it: function names have no colon.
 */
export function deliveryNameOf(functionName: string): string {
  return `${functionName}:destination`;
}

/** The delivery, with this id, of the outcome of a call; `undefined` when no URL is told of it. */
export function deliveryOf({
  id,
  ...call
}: EndedCall & { readonly id: string }): NewDelivery | undefined {
  const { ended, destinations } = call;
  const url = ended.state === 'succeeded' ? destinations.onSuccess : destinations.onFailure;
  if (url === undefined) return undefined;
  const { traceparent } = destinations.request;
  const delivery: Delivery = { url, traceparent, body: outcomeText(call) };
  return {
    id,
    kind: 'delivery',
    outcomeOf: ended.functionName,
    functionName: deliveryNameOf(ended.functionName),
    payload: Buffer.from(JSON.stringify(delivery)),
    retry: deliveryRetry,
  };
}

/**
 * The outcome as JSON. The answer of the function is inserted as text: it may be nested too deep to
 * be parsed and written again.
 */
function outcomeText({ ended, attempts, destinations, response = 'null' }: EndedCall): string {
  const outcome: Omit<CallOutcome, 'response'> = {
    version: 1,
    id: ended.id,
    function: ended.functionName,
    state: ended.state,
    acceptedAt: iso(ended.acceptedAtMs),
    finishedAt: iso(ended.finishedAtMs),
    attempts: attempts.map((attempt) => ({
      number: attempt.number,
      startedAt: iso(attempt.startedAtMs),
      finishedAt: attempt.finishedAtMs === undefined ? null : iso(attempt.finishedAtMs),
      outcome: attempt.outcome,
      error: withoutStack(attempt.error),
    })),
    error: ended.state === 'failed' ? withoutStack(ended.lastError) : null,
    request: destinations.request,
  };
  return `${JSON.stringify(outcome).slice(0, -1)},"response":${response}}`;
}

function withoutStack(error: AttemptError | undefined): OutcomeError | null {
  return error === undefined
    ? null
    : { reason: error.reason, type: error.type, message: error.message };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
