/**
 * The export `handler` of `<name>.mjs`. It never declares more than two parameters, because
 * `nodejs24.x` on AWS rejects callback handlers.
 */
export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/** Facts about the function that the generated entry passes to the adapter. */
export interface AdapterOptions {
  readonly name: string;
  readonly background: boolean;
  /** The patterns of `config.path` that have groups, for `context.params`. */
  readonly routes: readonly ParamsRoute[];
}

/**
 * A path pattern as a regular expression over the whole path, and the name of each of its capture
 * groups.
 */
export type ParamsRoute = readonly [expression: string, ...groups: string[]];

/**
 * The part of AWS Lambda's context that the adapter reads. v1 functions get the whole object as it
 * came.
 */
export interface LambdaContext {
  readonly awsRequestId?: string;
  readonly getRemainingTimeInMillis?: () => number;
}

/** A JSON object whose fields nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** A function whose signature nobody has checked. */
export type UnknownFunction = (...args: unknown[]) => unknown;

export type Pairs = readonly (readonly [name: string, value: string])[];

/** Kind of the caller, which decides how an answer with several headers of one name is written. */
export type Caller = 'proxy' | 'gateway-v2' | 'alb-single' | 'alb-multi' | 'direct';

/** An HTTP call, independent of the event it came in. */
export interface Call {
  readonly caller: Caller;
  readonly method: string;
  /** An absolute URL. */
  readonly url: string;
  readonly headers: Pairs;
  readonly body: string | Buffer<ArrayBuffer>;
}

/** Dispatches Netlify's events to the handlers of a default-export object. */
export interface EventSupport {
  /** Whether an object has a handler for any event. */
  readonly handles: (exported: Fields) => boolean;
  /** The handler for an event's slug. */
  readonly find: (exported: Fields, slug: string) => UnknownFunction | undefined;
  /** Runs a handler on the request's JSON. */
  readonly run: (slug: string, request: Request, handler: UnknownFunction) => Promise<Response>;
}

/** Whether a value is a function. */
export function isFunction(value: unknown): value is UnknownFunction {
  return typeof value === 'function';
}

/** Whether a value is an object (or a function, which may have fields too). */
export function isObject(value: unknown): value is Fields {
  return Object(value) === value;
}

/** A string, number or boolean as text; the empty text for any other value. */
export function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

/** The value itself when it is an object, otherwise an empty object. */
export function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}

/** An object without the fields that are undefined, null or empty. */
export function defined<T>(
  record: Readonly<Record<string, T | null | undefined>>,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, T] => (entry[1] ?? '') !== ''),
  );
}
