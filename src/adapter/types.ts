/** What `<name>.mjs` exports: never more than two declared parameters, because `nodejs24.x` on AWS rejects callback handlers. */
export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/** What the generated entry tells the adapter about the function. */
export interface AdapterOptions {
  readonly name: string;
  readonly background: boolean;
  /** URLPattern pathname patterns of `config.path`, for `context.params`. */
  readonly routes: readonly string[];
}

/** The part of AWS Lambda's context that the adapter reads. v1 functions get the whole object as it came. */
export interface LambdaContext {
  readonly awsRequestId?: string;
  readonly getRemainingTimeInMillis?: () => number;
}

/** A JSON object whose fields nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** A function that somebody else wrote. */
export type UnknownFunction = (...args: unknown[]) => unknown;

/** Who called, which decides how an answer with several headers of one name is written. */
export type Caller = 'proxy' | 'gateway-v2' | 'alb-single' | 'alb-multi' | 'direct';

/** An HTTP call, whatever event it came in. */
export interface Call {
  readonly caller: Caller;
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Absent when empty. */
  readonly body?: string | Buffer;
  /** The URLPattern pathname that the platform matched, when it says so. */
  readonly route?: string;
}

/** The buffered answer of an HTTP function: an API Gateway proxy result. */
export interface ProxyResult {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** Whether a value is a function. */
export function isFunction(value: unknown): value is UnknownFunction {
  return typeof value === 'function';
}

/** Whether a value is an object whose fields can be read. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
