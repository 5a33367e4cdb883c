import type { ClientRequest } from 'node:http';
import { Writable } from 'node:stream';
import type { ErrorReport, RuntimeConnection } from './runtime-connection.ts';

const httpIntegrationType = 'application/vnd.awslambda.http-integration-response';
const streamingMark = Symbol.for('aws.lambda.runtime.handler.streaming');

/**
 * The `responseStream` of a streaming handler. The request to the runtime begins with the first
 * byte, so an error before the first byte is reported like the error of a buffered response. Emits
 * `unread` when the caller has disconnected. Later writes are dropped, and a handler that listens
 * to the event can stop.
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

  /** Whether a part of the response was sent. From then on an error can only be sent in a trailer. */
  get begun(): boolean {
    return this.#post !== undefined;
  }

  setContentType(contentType: string): void {
    this.#contentType = contentType;
  }

  /** Sets the prelude of the body: the JSON of `metadata` (`statusCode`, `headers`, `cookies`). */
  setPrelude(metadata: unknown): void {
    this.#contentType = httpIntegrationType;
    this.#prelude = Buffer.concat([Buffer.from(JSON.stringify(metadata)), Buffer.alloc(8)]);
  }

  /** Ends the response. Resolves when the runtime has received the whole response. */
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
   * Ends a response that has begun, with an error in its trailers. If the whole response was sent
   * already, the error is printed for the author instead.
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

/**
 * Defines the global `awslambda` as AWS's Node runtime does: `streamifyResponse`,
 * `HttpResponseStream`.
 */
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

/** Whether a handler was created with `streamifyResponse`. */
export function isStreamingHandler(handler: object): boolean {
  return streamingMark in handler && handler[streamingMark] === 'response';
}
