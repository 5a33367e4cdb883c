import type {
  AttemptError,
  AttemptRecord,
  CallDestinations,
  InvocationInState,
} from './invocation.ts';
import type { NewDelivery } from './store.ts';

/*
 * A delivery reports the outcome of a call to a destination. It is a separate invocation, of the
 * kind `delivery` and with the name `<name>:destination`. It is created in the transaction that
 * ends the call, and then claimed, retried, listed and purged like any other invocation. So a
 * crash loses no delivery, and only recorded outcomes are delivered.
 */

/** The payload of a delivery. */
export interface Delivery {
  readonly url: string;
  /** The JSON text to send, the same bytes at every attempt. */
  readonly body: string;
  /** The trace of the call. */
  readonly traceparent: string | undefined;
}

/** The JSON body that a destination gets. Times are in ISO 8601. */
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
  /** The last error, without the stack, which is not for other parties. */
  readonly error: OutcomeError | null;
  readonly request: CallDestinations['request'];
  /** The response of the function, if it succeeded and had a response. */
  readonly response: unknown;
}

interface OutcomeError {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
}

/** An ended call with the other parts of its delivery. */
export interface EndedCall {
  readonly ended: InvocationInState<'succeeded' | 'failed'>;
  readonly attempts: readonly AttemptRecord[];
  readonly destinations: CallDestinations;
  /** The response of the function, as JSON text. */
  readonly response: string | undefined;
}

/** Eight attempts in four hours, with waits of 10 s, 30 s, 2 m, 10 m, 30 m, 1 h and 2 h. */
const deliveryRetry = {
  maxAttempts: 8,
  delaysSeconds: [10, 30, 120, 600, 1800, 3600, 7200],
  maxEventAgeSeconds: 86_400,
};

/**
 * The name under which the deliveries of a function's outcomes are queued and shown. No function
 * can have such a name, because function names contain no colon.
 */
export function deliveryNameOf(functionName: string): string {
  return `${functionName}:destination`;
}

/**
 * Creates the delivery of a call's outcome. Returns `undefined` if there is no URL for this
 * outcome.
 */
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
 * Renders the outcome as JSON. The response of the function is inserted as text, because it may be
 * nested too deeply to be parsed and stringified.
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
