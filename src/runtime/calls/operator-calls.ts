import type { Deployment } from '../deployment.ts';
import type { LoadedFunction } from '../load/load-functions.ts';
import type { BackgroundCalls } from './background-calls.ts';
import type { IncomingCall } from './event.ts';

/** A call made by an operator: it goes through the queue, whatever the function's mode. */
export interface OperatorCall {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A slug such as `deploy_succeeded`: the call carries it as the platform's own event. */
  readonly event?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export interface OperatorCallOptions {
  readonly deployment: () => Deployment | undefined;
  readonly background: BackgroundCalls;
  readonly origin: string;
}

/**
 * Queues the calls that come from the operator instead of the public side: the admin page's invoke
 * button, `bgfn trigger`.
 */
export interface OperatorCalls {
  /** The invocation id; `undefined` when there is no such function. */
  invoke(functionName: string, call: OperatorCall): Promise<string | undefined>;
  /** One invocation for each function that listens to the event. */
  emit(
    slug: string,
    body: string,
  ): Promise<readonly { readonly functionName: string; readonly id: string }[]>;
}

export function createOperatorCalls(options: OperatorCallOptions): OperatorCalls {
  const accept = async (fn: LoadedFunction, call: OperatorCall): Promise<string> => {
    const from = call.event === undefined ? {} : { netlifyEvent: call.event };
    const { id } = await options.background.accept(
      fn,
      incomingCall(fn, call, options.origin),
      from,
      call.idempotencyKey,
    );
    return id;
  };
  return {
    async invoke(functionName, call) {
      const fn = options.deployment()?.functions.get(functionName);
      return fn === undefined ? undefined : accept(fn, call);
    },
    async emit(slug, body) {
      const listening = [...(options.deployment()?.functions.values() ?? [])].filter((fn) =>
        listensTo(fn, slug),
      );
      const call: OperatorCall = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        event: slug,
      };
      return Promise.all(
        listening.map(async (fn) => ({ functionName: fn.name, id: await accept(fn, call) })),
      );
    },
  };
}

/**
 * By its subscriptions, or by its name: `deploy-succeeded` and `deploy-succeeded-background` listen
 * to `deploy_succeeded`.
 */
function listensTo({ name, manifest }: LoadedFunction, slug: string): boolean {
  if (manifest.eventSubscriptions?.includes(slug) === true) return true;
  return name.replace(/-background$/, '').replaceAll('-', '_') === slug;
}

function incomingCall(fn: LoadedFunction, call: OperatorCall, origin: string): IncomingCall {
  return {
    method: call.method,
    origin,
    path: fn.manifest.endpoint,
    query: '',
    rawHeaders: rawHeadersOf(call),
    body: Buffer.from(call.body),
    clientIp: '127.0.0.1',
  };
}

/**
 * An operator gives text, so a body without a type is text (or JSON), and not the bytes of unknown
 * kind that it would be from outside.
 */
function rawHeadersOf({ headers, body }: OperatorCall): readonly string[] {
  const raw = Object.entries(headers).flat();
  if (body === '' || Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')) {
    return raw;
  }
  return [...raw, 'content-type', contentTypeOf(body)];
}

/** The content type of a body that somebody typed: JSON when it is some. */
export function contentTypeOf(text: string): 'application/json' | 'text/plain; charset=utf-8' {
  try {
    JSON.parse(text);
    return 'application/json';
  } catch {
    return 'text/plain; charset=utf-8';
  }
}
