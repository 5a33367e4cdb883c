import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import { deliveryNameOf } from '../queue/delivery.ts';
import type { RunFailure, RunOutcome, RunRequest } from '../worker/worker.ts';
import type { DispatchableFunction } from './run-attempt.ts';

/** What a destination may take to answer, ms. */
const answerTimeoutMs = 10_000;
/** Of one function: a receiver that does not answer holds up no other function's outcomes. */
const deliveriesAtOnce = 4;
/** Of an answer that is no success, so much goes into the error, characters. */
const answerShown = 300;

export interface DeliveryOptions {
  /** The key of the signature; without one nothing is signed. */
  readonly secret?: string | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

const deliverySchema = z.object({
  url: z.string(),
  body: z.string(),
  traceparent: z.string().optional(),
});

/**
 * How the dispatcher sees the deliveries of a function's outcomes: as a function that is run by
 * `createDelivery` and by no worker.
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
 * Makes the function that POSTs an outcome to its destination. Only an answer from 200 to 299 is a
 * success; redirects are not followed, so that a receiver cannot point the runtime at an address
 * its operator did not choose. The request carries `Idempotency-Key` (the delivery's id, the same
 * at every attempt) and, with a secret, `X-Webhook-Signature`.
 */
export function createDelivery({
  secret,
  fetch: send = fetch,
}: DeliveryOptions): (request: RunRequest) => Promise<RunOutcome> {
  return async (request) => {
    const startedAtMs = performance.now();
    const timeout = AbortSignal.timeout(request.timeoutMs);
    const signal =
      request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
    const failed = (failure: RunFailure): RunOutcome => ({
      kind: 'failed',
      durationMs: performance.now() - startedAtMs,
      failure,
    });
    request.onStart?.();
    const { url, body, traceparent } = deliverySchema.parse(
      JSON.parse(Buffer.from(request.payload).toString('utf8')),
    );
    const shown = shownUrl(url);
    try {
      const { address, credentials } = receiverOf(url);
      const headers = {
        ...headersOf(request.invocationId, body, secret),
        ...credentials,
        ...(traceparent === undefined ? {} : { traceparent }),
      };
      const response = await send(address, {
        method: 'POST',
        redirect: 'manual',
        headers,
        body,
        signal,
      });
      const answer = await beginningOf(response);
      if (response.ok) {
        return {
          kind: 'succeeded',
          durationMs: performance.now() - startedAtMs,
          response: {
            kind: 'buffered',
            body: Buffer.from(JSON.stringify({ statusCode: response.status })),
          },
        };
      }
      return failed({
        reason: 'error',
        type: 'DestinationRefused',
        message: `${shown} answered ${response.status}${answer === '' ? '' : `: ${answer}`}`,
      });
    } catch (error) {
      if (request.signal?.aborted === true) {
        return { kind: 'aborted', durationMs: performance.now() - startedAtMs };
      }
      if (timeout.aborted) {
        return failed({
          reason: 'timeout',
          type: 'DestinationTimeout',
          message: `${shown} did not answer within ${request.timeoutMs / 1000} s`,
        });
      }
      return failed({
        reason: 'error',
        type: 'DestinationUnreachable',
        message: `${shown} cannot be reached: ${causeOf(error)}`,
      });
    }
  };
}

/**
 * The compact JWS that Netlify's signed webhooks carry: HS256 over `{ iss, sha256 }`, where
 * `sha256` is the hex digest of the body. A receiver checks the signature, and that the digest is
 * the one of the bytes it got.
 */
export function signBody(body: string, secret: string): string {
  const content = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ iss: 'bgfn', sha256: createHash('sha256').update(body).digest('hex') })}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function headersOf(id: string, body: string, secret: string | undefined): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'bgfn',
    'idempotency-key': id,
    ...(secret === undefined ? {} : { 'x-webhook-signature': signBody(body, secret) }),
  };
}

/** The first characters of an answer; the rest is not read. */
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
 * `fetch` refuses an address with a user in it, and says so together with the password; the header
 * is what the author meant.
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

/** Without what may be secret in it: user, password, query. */
function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
