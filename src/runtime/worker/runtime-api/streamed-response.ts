import type { IncomingMessage } from 'node:http';
import { failureOfReport } from '../failure/failure.ts';
import type { RunFailure, RunResponse } from '../worker.ts';

/** What a worker posts of one; how its run ends is known elsewhere. */
export type StreamedResponse = Omit<Extract<RunResponse, { kind: 'streamed' }>, 'end'>;

/**
 * Content type of a streamed body that starts with a JSON prelude (`statusCode`, `headers`,
 * `cookies`) and 8 NUL bytes.
 */
const httpIntegrationType = 'application/vnd.awslambda.http-integration-response';

const preludeEnd = Buffer.alloc(8);
const maxPreludeBytes = 1_048_576;

/** What the reader of a streamed response tells its owner. */
export interface StreamEvents {
  onHead(response: StreamedResponse): void;
  /** The prelude is missing or is no JSON. */
  onBadHead(message: string): void;
  /** The caller has gone: nobody reads the body any more. */
  onUnread(): void;
  /**
   * The last byte has come, or the error in the trailers; the body seen by the caller ends when
   * this resolves.
   */
  onEnd(failure: RunFailure | undefined): Promise<void>;
}

/**
 * Reads a response posted with `Lambda-Runtime-Function-Response-Mode: streaming`. The body waits
 * for its reader; it fails when the connection breaks or the worker sends the trailers
 * `Lambda-Runtime-Function-Error-Type` and `-Body` (base64 JSON). When its reader cancels, the rest
 * is read and dropped, and the worker may be told so.
 */
export function readStreamedResponse(request: IncomingMessage, events: StreamEvents): void {
  let head: Buffer[] | undefined = [];
  /** Nobody reads the body (any more). */
  let cancelled = false;
  /**
   * There is no head: the response has been answered with an error, and what follows of it means
   * nothing.
   */
  let rejected = false;
  /**
   * All of it was read. A request can be complete on the wire and be closed with bytes that nobody
   * has read yet.
   */
  let ended = false;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  function begin(
    statusCode: number,
    headers: readonly (readonly [string, string])[],
    rest: Buffer,
  ): void {
    head = undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (c) => {
        controller = c;
        if (rest.length > 0) c.enqueue(rest);
      },
      pull: () => void request.resume(),
      cancel: () => {
        cancelled = true;
        request.resume();
        events.onUnread();
      },
    });
    events.onHead({ kind: 'streamed', statusCode, headers, body });
  }

  function reject(message: string): void {
    rejected = true;
    head = undefined;
    events.onBadHead(message);
    request.resume();
  }

  function readHead(chunk: Buffer, chunks: Buffer[]): void {
    if (request.headers['content-type'] !== httpIntegrationType) {
      begin(
        200,
        [['content-type', request.headers['content-type'] ?? 'application/octet-stream']],
        chunk,
      );
      return;
    }
    chunks.push(chunk);
    const bytes = chunks.length === 1 ? chunk : Buffer.concat(chunks);
    const end = bytes.indexOf(preludeEnd);
    if (end === -1) {
      if (bytes.length > maxPreludeBytes) {
        reject('The streamed response has no end of its prelude (8 NUL bytes) in the first MiB.');
      }
      return;
    }
    const prelude = parsePrelude(bytes.toString('utf8', 0, end));
    if (prelude === undefined) {
      reject(
        'The prelude of the streamed response is not a JSON object with statusCode, headers and cookies.',
      );
    } else {
      begin(prelude.statusCode, prelude.headers, bytes.subarray(end + preludeEnd.length));
    }
  }

  async function finish(
    errorType: string | undefined,
    errorBody: string | undefined,
  ): Promise<void> {
    const failure =
      errorType === undefined
        ? undefined
        : failureOfReport('error', Buffer.from(errorBody ?? '', 'base64'), errorType);
    await events.onEnd(failure);
    if (cancelled) return;
    if (failure === undefined) controller?.close();
    else controller?.error(errorOf(failure));
  }

  request.on('data', (chunk: Buffer) => {
    if (cancelled || rejected) return;
    if (head !== undefined) readHead(chunk, head);
    else controller?.enqueue(chunk);
    if (controller !== undefined && (controller.desiredSize ?? 0) <= 0) request.pause();
  });
  request.on('end', () => {
    ended = true;
    const errorType = request.trailers['lambda-runtime-function-error-type'];
    if (head !== undefined) {
      if (request.headers['content-type'] === httpIntegrationType) {
        reject('The streamed response ended before its prelude did.');
      } else {
        begin(
          200,
          [['content-type', request.headers['content-type'] ?? 'application/octet-stream']],
          Buffer.alloc(0),
        );
      }
    }
    if (!rejected) void finish(errorType, request.trailers['lambda-runtime-function-error-body']);
  });
  request.on('close', () => {
    if (!ended && !cancelled) {
      controller?.error(new Error('The worker ended before its response was complete.'));
    }
  });
}

function errorOf(failure: RunFailure): Error {
  const error = new Error(failure.message);
  error.name = failure.type;
  if (failure.stack !== undefined) error.stack = failure.stack;
  return error;
}

/**
 * `undefined` when it is no prelude. Cookies become `set-cookie` headers; a header with several
 * values gives several entries.
 */
function parsePrelude(
  text: string,
): { statusCode: number; headers: [string, string][] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const {
    statusCode = 200,
    headers = {},
    cookies = [],
  } = value as { statusCode?: unknown; headers?: unknown; cookies?: unknown };
  if (
    !Number.isInteger(statusCode) ||
    typeof headers !== 'object' ||
    headers === null ||
    !Array.isArray(cookies)
  ) {
    return undefined;
  }
  const list: [string, string][] = [];
  for (const [name, one] of Object.entries(headers)) {
    for (const item of Array.isArray(one) ? one : [one]) list.push([name, String(item)]);
  }
  for (const cookie of cookies) list.push(['set-cookie', String(cookie)]);
  return { statusCode: Number(statusCode), headers: list };
}
