import type { ClientRequest } from 'node:http';
import { Writable } from 'node:stream';
import type { ErrorReport, RuntimeConnection } from './runtime-connection.ts';

const httpIntegrationType = 'application/vnd.awslambda.http-integration-response';
const streamingMark = Symbol.for('aws.lambda.runtime.handler.streaming');

/**
 * The `responseStream` of a streaming handler. The request to the runtime begins with the first
 * byte, so an error before it is an ordinary error. Emits `unread` when the caller has gone: what
 * is written after that is dropped, and a handler that listens can stop.
 */
export class ResponseStream extends Writable {
  readonly #connection: RuntimeConnection;
  readonly #requestId: string;
  #contentType = 'application/octet-stream';
  #prelude: Buffer | undefined;
  #post: { readonly request: ClientRequest; readonly done: Promise<void> } | undefined;

  constructor(connection: RuntimeConnection, requestId: string) {
    super({ highWaterMark: 65_536 });
    this.#connection = connection;
    this.#requestId = requestId;
  }

  /** Something was sent: from here on an error can only be sent as a trailer. */
  get begun(): boolean {
    return this.#post !== undefined;
  }

  setContentType(contentType: string): void {
    this.#contentType = contentType;
  }

  /** Makes the body start with the JSON of `metadata` (`statusCode`, `headers`, `cookies`). */
  setPrelude(metadata: unknown): void {
    this.#contentType = httpIntegrationType;
    this.#prelude = Buffer.concat([Buffer.from(JSON.stringify(metadata)), Buffer.alloc(8)]);
  }

  /** Resolves when the runtime has taken the whole response. */
  async complete(): Promise<void> {
    if (!this.writableEnded) this.end();
    if (!this.writableFinished) {
      await new Promise<void>((resolve, reject) => {
        this.once('finish', resolve);
        this.once('error', reject);
      });
    }
    await this.#post?.done;
  }

  /**
   * Ends a response that has begun with an error. When the whole response was sent already, the
   * error is printed for the author instead.
   */
  async fail(report: ErrorReport): Promise<void> {
    const post = this.#post;
    if (post === undefined) return;
    if (post.request.writableEnded) {
      console.error(report.trace.join('\n') || report.errorMessage);
    } else {
      post.request.addTrailers({
        'Lambda-Runtime-Function-Error-Type': report.errorType.replaceAll(/[^\u0021-\u007e]/g, '_'),
        'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(report)).toString(
          'base64',
        ),
      });
      post.request.end();
    }
    await post.done;
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    const { request } = this.#begin();
    if (request.write(chunk)) callback();
    else request.once('drain', () => callback());
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#begin().request.end();
    callback();
  }

  #begin(): { readonly request: ClientRequest; readonly done: Promise<void> } {
    if (this.#post !== undefined) return this.#post;
    const post = this.#connection.stream(this.#requestId, this.#contentType, () =>
      this.emit('unread'),
    );
    this.#post = post;
    // `done` rejects when the runtime is gone, possibly before anybody waits for it.
    post.done.catch((error: unknown) =>
      this.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    if (this.#prelude !== undefined) post.request.write(this.#prelude);
    return post;
  }
}

/** Defines the global `awslambda` of AWS's Node runtime: `streamifyResponse`, `HttpResponseStream`. */
export function installAwsLambdaGlobal(): void {
  const awslambda = {
    streamifyResponse: <T extends (...args: never[]) => unknown>(handler: T): T =>
      Object.assign(handler, { [streamingMark]: 'response' }),
    HttpResponseStream: {
      from(stream: ResponseStream, metadata: unknown): ResponseStream {
        stream.setPrelude(metadata);
        return stream;
      },
    },
  };
  Object.defineProperty(globalThis, 'awslambda', {
    value: awslambda,
    configurable: true,
    writable: true,
  });
}

/** Whether a handler was made with `streamifyResponse`. */
export function isStreamingHandler(handler: object): boolean {
  return streamingMark in handler && handler[streamingMark] === 'response';
}
