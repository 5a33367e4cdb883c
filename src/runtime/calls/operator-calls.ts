import type { LoadedFunction } from '../load/load-functions.ts';
import type { BackgroundCalls } from './background-calls.ts';
import type { IncomingCall } from './call.ts';

/** A call that an operator makes. It goes through the queue, whatever the mode of the function. */
export interface OperatorCall {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A slug such as `deploy_succeeded`: the call carries it as the platform's own event. */
  readonly event?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export interface OperatorCallOptions {
  /** The functions deployed now. */
  readonly functions: () => readonly LoadedFunction[];
  readonly background: BackgroundCalls;
  readonly origin: string;
}

/** Queues the calls of operators, who use the Invoke button of the admin page or `bgfn trigger`. */
export interface OperatorCalls {
  /** Resolves with the invocation id, or with `undefined` if there is no such function. */
  invoke(functionName: string, call: OperatorCall): Promise<string | undefined>;
  /** Creates one invocation for each function that listens to the event. */
  emit(
    slug: string,
    body: string,
  ): Promise<readonly { readonly functionName: string; readonly id: string }[]>;
}

export function createOperatorCalls(options: OperatorCallOptions): OperatorCalls {
  const { functions, background, origin } = options;
  const enqueue = async (fn: LoadedFunction, call: OperatorCall): Promise<string> => {
    const { id } = await background.enqueue(fn, incomingCall(fn, call, origin), {
      source: { netlifyEvent: call.event },
      idempotencyKey: call.idempotencyKey,
    });
    return id;
  };
  return {
    async invoke(functionName, call) {
      const fn = functions().find(({ name }) => name === functionName);
      return fn === undefined ? undefined : enqueue(fn, call);
    },
    async emit(slug, body) {
      const listeners = functions().filter((fn) => listensTo(fn, slug));
      const call: OperatorCall = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        event: slug,
      };
      return Promise.all(
        listeners.map(async (fn) => ({ functionName: fn.name, id: await enqueue(fn, call) })),
      );
    },
  };
}

/**
 * Whether a function listens to an event, by its subscriptions or by its name: `deploy-succeeded`
 * and `deploy-succeeded-background` listen to `deploy_succeeded`.
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
 * The headers of the call in the form of HTTP. The body of an operator is text, so a body without a
 * content type is declared as text or JSON; without that, the function would get it as base64.
 */
function rawHeadersOf({ headers, body }: OperatorCall): readonly string[] {
  const raw = Object.entries(headers).flat();
  if (body === '' || Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')) {
    return raw;
  }
  return [...raw, 'content-type', contentTypeOf(body)];
}

/** The content type of a body that somebody typed: JSON if the text can be parsed as JSON. */
export function contentTypeOf(text: string): 'application/json' | 'text/plain; charset=utf-8' {
  try {
    JSON.parse(text);
    return 'application/json';
  } catch {
    return 'text/plain; charset=utf-8';
  }
}
