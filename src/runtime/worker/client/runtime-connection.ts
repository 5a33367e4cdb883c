import type { ClientRequest, IncomingMessage } from 'node:http';
import { http } from '../../platform/node-http.ts';

/**
 * Node's original functions. They are read before a function's module can replace them, as mocks
 * and tracers do.
 */
const { request, Agent } = http;

const prefix = '/2018-06-01/runtime/';

/** An invocation as the Runtime API sends it. */
export interface NextInvocation {
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string | undefined;
  readonly body: string;
}

/** An error as it is posted to the runtime. */
export interface ErrorReport {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** The client of the Lambda Runtime API. Connections are kept alive. */
export class RuntimeConnection {
  readonly #host: string;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });

  /** `address`: the value of AWS_LAMBDA_RUNTIME_API, `host:port`. */
  constructor(address: string) {
    const colon = address.lastIndexOf(':');
    this.#host = address.slice(0, colon);
    this.#port = Number(address.slice(colon + 1));
  }

  /** Waits for the next invocation. Rejects when the runtime has ended. */
  async next(): Promise<NextInvocation> {
    const response = await this.#exchange('GET', 'invocation/next', {});
    const { headers } = response.message;
    return {
      requestId: String(headers['lambda-runtime-aws-request-id']),
      deadlineMs: Number(headers['lambda-runtime-deadline-ms']),
      functionArn: String(headers['lambda-runtime-invoked-function-arn']),
      traceId:
        typeof headers['lambda-runtime-trace-id'] === 'string'
          ? headers['lambda-runtime-trace-id']
          : undefined,
      body: response.body,
    };
  }

  async respond(requestId: string, json: string): Promise<void> {
    await this.#exchange(
      'POST',
      `invocation/${requestId}/response`,
      { 'Content-Type': 'application/json' },
      json,
    );
  }

  /**
   * Begins a streamed response. The caller writes the body to `request` and waits for `done`.
   * `onUnread` is called when nobody reads the rest of the body.
   */
  stream(
    requestId: string,
    contentType: string,
    onUnread: () => void,
  ): { readonly request: ClientRequest; readonly done: Promise<void> } {
    const post = this.#request('POST', `invocation/${requestId}/response`, {
      'Content-Type': contentType,
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      'Bgfn-Hears-Of-Unread': '1',
      'Transfer-Encoding': 'chunked',
      Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
    });
    // Promise.withResolvers may be missing: a function may have replaced the global Promise by that
    // of a library.
    const done = new Promise<void>((resolve, reject) => {
      post.on('information', ({ statusCode }) => {
        if (statusCode === 102) onUnread();
      });
      post.on('response', (response) => {
        response.on('end', () => resolve());
        response.resume();
      });
      post.on('error', reject);
    });
    return { request: post, done };
  }

  /** @param exiting Whether this process exits now and takes no more invocations */
  async fail(requestId: string, report: ErrorReport, exiting: boolean): Promise<void> {
    const headers = errorHeaders(report);
    if (exiting) headers['Bgfn-Worker-Exiting'] = '1';
    await this.#exchange('POST', `invocation/${requestId}/error`, headers, JSON.stringify(report));
  }

  async failInit(report: ErrorReport): Promise<void> {
    await this.#exchange('POST', 'init/error', errorHeaders(report), JSON.stringify(report));
  }

  /** @param call The path after the version of the API */
  #request(method: string, call: string, headers: Record<string, string>): ClientRequest {
    return request({
      host: this.#host,
      port: this.#port,
      method,
      path: prefix + call,
      headers,
      agent: this.#agent,
    });
  }

  #exchange(
    method: string,
    call: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<{ message: IncomingMessage; body: string }> {
    return new Promise((resolve, reject) => {
      const exchange = this.#request(
        method,
        call,
        body === undefined
          ? headers
          : { ...headers, 'Content-Length': String(Buffer.byteLength(body)) },
      );
      exchange.on('error', reject);
      exchange.on('response', (message) => {
        const chunks: Buffer[] = [];
        message.on('data', (chunk: Buffer) => chunks.push(chunk));
        message.on('end', () => resolve({ message, body: Buffer.concat(chunks).toString('utf8') }));
        message.on('error', reject);
      });
      exchange.end(body);
    });
  }
}

function errorHeaders(report: ErrorReport): Record<string, string> {
  // A header can contain visible ASCII characters only.
  return {
    'Content-Type': 'application/json',
    'Lambda-Runtime-Function-Error-Type': report.errorType.replaceAll(/[^\u0021-\u007e]/g, '_'),
  };
}
