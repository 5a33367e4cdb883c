import { z } from 'zod';
import { deliveryNameOf } from '../queue/delivery.ts';
import type { RunFailure, RunOutcome, RunRequest } from '../worker/worker.ts';
import type { DispatchableFunction } from './run-attempt.ts';
import { signBody } from './sign-body.ts';

/** How long a destination may take to answer, ms. */
const answerTimeoutMs = 10_000;
/** Limits the deliveries of one function, so that its silent receiver delays no other function's. */
const deliveriesAtOnce = 4;
/** How much of an unsuccessful answer is copied into the error, characters. */
const answerShown = 300;

export interface DeliveryOptions {
  /** The key of the signature; without a key nothing is signed. */
  readonly secret?: string | undefined;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}

const deliverySchema = z.object({
  url: z.string(),
  body: z.string(),
  traceparent: z.string().optional(),
});

/**
 * Presents the deliveries of a function's outcomes to the dispatcher as a separate function, which
 * `createDelivery` runs instead of a worker.
 */
export function deliveryFunction(functionName: string): DispatchableFunction {
  const name = deliveryNameOf(functionName);
  return {
    kind: 'delivery',
    outcomeOf: functionName,
    name,
    timeoutMs: answerTimeoutMs,
    concurrency: deliveriesAtOnce,
  };
}

/**
 * Creates the function that POSTs an outcome to its destination. Only a status from 200 to 299 is a
 * success. Redirects are not followed, so that a receiver cannot send the runtime to an address
 * that the operator did not choose. The request has the headers `Idempotency-Key` (the id of the
 * delivery, the same at every attempt) and, with a secret, `X-Webhook-Signature`.
 */
export function createDelivery({
  secret,
  fetch: send = fetch,
}: DeliveryOptions): (request: RunRequest) => Promise<RunOutcome> {
  return async (request) => {
    const startedAtMs = performance.now();
    const durationMs = (): number => performance.now() - startedAtMs;
    request.onStart?.();
    const delivery = deliverySchema.parse(
      JSON.parse(Buffer.from(request.payload).toString('utf8')),
    );
    const timeout = AbortSignal.timeout(request.timeoutMs);
    const signal =
      request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
    try {
      const { address, ...post } = postOf(delivery, request.invocationId, secret);
      const response = await send(address, { ...post, signal });
      const answer = await beginningOf(response);
      if (response.ok) return delivered(response.status, durationMs());
      return {
        kind: 'failed',
        durationMs: durationMs(),
        failure: refusal(delivery, response, answer),
      };
    } catch (error) {
      if (request.signal?.aborted === true) return { kind: 'aborted', durationMs: durationMs() };
      const failure = timeout.aborted
        ? timeoutFailure(delivery, request.timeoutMs)
        : unreachable(delivery, error);
      return { kind: 'failed', durationMs: durationMs(), failure };
    }
  };
}

function postOf(
  { url, body, traceparent }: z.infer<typeof deliverySchema>,
  id: string,
  secret: string | undefined,
) {
  const { address, credentials } = receiverOf(url);
  const headers = {
    ...headersOf(id, body, secret),
    ...credentials,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  return { address, method: 'POST', redirect: 'manual', headers, body } as const;
}

function delivered(status: number, durationMs: number): RunOutcome {
  const body = Buffer.from(JSON.stringify({ statusCode: status }));
  return { kind: 'succeeded', durationMs, response: { kind: 'buffered', body } };
}

type Addressed = Pick<z.infer<typeof deliverySchema>, 'url'>;

function refusal({ url }: Addressed, { status }: Response, answer: string): RunFailure {
  return {
    reason: 'error',
    type: 'DestinationRefused',
    message: `${shownUrl(url)} answered ${status}${answer === '' ? '' : `: ${answer}`}`,
  };
}

function timeoutFailure({ url }: Addressed, timeoutMs: number): RunFailure {
  return {
    reason: 'timeout',
    type: 'DestinationTimeout',
    message: `${shownUrl(url)} did not answer within ${timeoutMs / 1000} s`,
  };
}

function unreachable({ url }: Addressed, error: unknown): RunFailure {
  return {
    reason: 'error',
    type: 'DestinationUnreachable',
    message: `${shownUrl(url)} cannot be reached: ${causeOf(error)}`,
  };
}

function headersOf(id: string, body: string, secret: string | undefined): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'bgfn',
    'idempotency-key': id,
    ...(secret === undefined ? {} : { 'x-webhook-signature': signBody(body, secret) }),
  };
}

/** Reads only the first characters of an answer. */
async function beginningOf(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= answerShown) break;
  }
  return text.slice(0, answerShown).trim();
}

/**
 * Moves user and password of a URL into a header: `fetch` refuses a URL that contains them, with a
 * message that shows the password.
 */
function receiverOf(url: string): {
  readonly address: string;
  readonly credentials: { readonly authorization?: string };
} {
  const address = new URL(url);
  const { username, password } = address;
  if (username === '' && password === '') return { address: url, credentials: {} };
  address.username = '';
  address.password = '';
  const pair = `${decoded(username)}:${decoded(password)}`;
  return {
    address: address.href,
    credentials: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The URL without the parts that may be secret: user, password, query. */
function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
