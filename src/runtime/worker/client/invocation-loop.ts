import { reportOf } from './error-report.ts';
import { createLambdaContext, type LambdaContext } from './lambda-context.ts';
import type { HandlerCallback, LambdaHandler } from './load-handler.ts';
import { isStreamingHandler, ResponseStream } from './response-stream.ts';
import type { NextInvocation, RuntimeConnection } from './runtime-connection.ts';

/** The state of the running invocation that the handlers of process-wide events need. */
interface Active {
  readonly requestId: string;
  readonly stream: ResponseStream | undefined;
  /** Called when the event loop is empty and the handler has not finished. */
  onEmptyLoop: () => void;
}

/** Takes invocations one after the other and posts the handler's result or error. */
export class InvocationLoop {
  readonly #connection: RuntimeConnection;
  readonly #setTrace: (traceId: string) => void;
  #active: Active | undefined;
  #exiting = false;

  /** @param setTrace Sets the trace id that the function sees during the next invocation. */
  constructor(connection: RuntimeConnection, setTrace: (traceId: string) => void) {
    this.#connection = connection;
    this.#setTrace = setTrace;
  }

  /** Runs until the runtime does not respond any more, and then rejects. */
  async run(handler: LambdaHandler): Promise<void> {
    process.on('beforeExit', () => {
      const active = this.#active;
      // Listeners of the function run first, because an empty event loop may be the signal for the
      // function to finish its work.
      if (active !== undefined) setImmediate(() => active.onEmptyLoop());
    });
    const streaming = isStreamingHandler(handler);
    for (;;) {
      const invocation = await this.#connection.next();
      if (invocation.traceId !== undefined) this.#setTrace(invocation.traceId);
      await this.#invoke(handler, invocation, streaming);
      this.#active = undefined;
    }
  }

  /**
   * Fails the running invocation with an uncaught error. The process must exit afterwards because
   * its state is unknown. Returns whether an invocation was running.
   */
  async fault(error: unknown): Promise<boolean> {
    const active = this.#active;
    if (this.#exiting || active === undefined) return this.#exiting;
    this.#exiting = true;
    if (active.stream?.begun === true) await active.stream.fail(reportOf(error));
    else await this.#connection.fail(active.requestId, reportOf(error), true);
    return true;
  }

  async #invoke(
    handler: LambdaHandler,
    invocation: NextInvocation,
    streaming: boolean,
  ): Promise<void> {
    const { requestId } = invocation;
    const stream = streaming ? new ResponseStream(this.#connection, requestId) : undefined;
    const active: Active = { requestId, stream, onEmptyLoop: () => undefined };
    this.#active = active;
    try {
      const event: unknown = JSON.parse(invocation.body);
      const context = createLambdaContext(invocation, process.env);
      const result = await (stream === undefined
        ? callHandler(handler, event, context, active)
        : callStreaming(handler, event, stream, context, active));
      const json = stream === undefined ? (JSON.stringify(result) ?? 'null') : '';
      await this.#outputWritten();
      if (this.#exiting) return;
      if (stream === undefined) await this.#connection.respond(requestId, json);
      else await stream.complete();
    } catch (error) {
      await this.#outputWritten();
      if (this.#exiting) return;
      if (stream?.begun === true) await stream.fail(reportOf(error));
      else await this.#connection.fail(requestId, reportOf(error), false);
    }
  }

  /**
   * Resolves when all output is in the pipes, so that the runtime reads the output before the
   * response.
   */
  async #outputWritten(): Promise<void> {
    for (const stream of [process.stdout, process.stderr]) {
      if (stream.writableLength > 0) {
        await new Promise<void>((resolve) => void stream.write('', () => resolve()));
      }
    }
  }
}

function callStreaming(
  handler: LambdaHandler,
  event: unknown,
  stream: ResponseStream,
  context: LambdaContext,
  active: Active,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    active.onEmptyLoop = () => reject(neverFinished());
    stream.once('error', reject);
    Promise.resolve(handler(event, stream, context)).then(resolve, reject);
  });
}

/**
 * Calls an async handler or a handler with a callback. A result that is passed to the callback
 * waits for an empty event loop, unless the context turns this off.
 */
function callHandler(
  handler: LambdaHandler,
  event: unknown,
  context: LambdaContext,
  active: Active,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: HandlerCallback = (error, result) => {
      if (error !== undefined && error !== null) reject(error);
      else if (!context.callbackWaitsForEmptyEventLoop) resolve(result);
      else active.onEmptyLoop = () => resolve(result);
    };
    const takesCallback = handler.length > 2;
    active.onEmptyLoop = () => (takesCallback ? resolve(null) : reject(neverFinished()));
    const returned = handler(event, context, callback);
    if (isThenable(returned)) {
      active.onEmptyLoop = () => reject(neverFinished());
      returned.then(resolve, reject);
    } else if (!takesCallback) {
      resolve(returned);
    }
  });
}

function neverFinished(): Error {
  const error = new Error(
    'The handler has not finished and nothing is left that it could wait for: ' +
      'a promise is never settled.',
  );
  error.name = 'Runtime.NodeJsExit';
  return error;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
