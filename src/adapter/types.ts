/**
 * The export `handler` of `<name>.mjs`. The handler never declares more than two parameters,
 * because `nodejs24.x` on AWS rejects callback handlers.
 */
export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/** The properties of the function that the generated entry passes to the adapter. */
export interface AdapterOptions {
  readonly name: string;
  readonly background: boolean;
  /** The patterns of `config.path` that have groups, for `context.params`. */
  readonly routes: readonly ParamsRoute[];
}

/** A path pattern as a regular expression for the whole path, and the names of its capture groups. */
export type ParamsRoute = readonly [expression: string, ...groups: string[]];

/**
 * The part of AWS Lambda's context that the adapter reads. v1 functions get the whole object
 * unchanged.
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

/**
 * The kind of the caller, which determines how a response with several headers of one name is
 * written.
 */
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

/** Returns a string, number or boolean as text, and the empty text for any other value. */
export function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

/** Returns the value itself if it is an object, otherwise an empty object. */
export function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}

/** Returns a copy of an object without the fields that are undefined, null or empty texts. */
export function defined<T>(
  record: Readonly<Record<string, T | null | undefined>>,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, T] => (entry[1] ?? '') !== ''),
  );
}
