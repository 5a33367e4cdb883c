import { inspect } from 'node:util';

/** Status and headers of a function's response, checked and ready to be written. */
export interface CheckedHead {
  readonly statusCode: number;
  /** Names as the function wrote them. A name with several values occurs several times. */
  readonly headers: readonly (readonly [string, string])[];
}

/** A buffered response of a function. */
export interface ProxyResponse extends CheckedHead {
  /** A string, which Node sends together with the head, or bytes if the function returned base64. */
  readonly body: string | Buffer;
}

/** The result of a v1 or Go handler is not a response. The message says what to return. */
export class ProxyResultError extends Error {
  override readonly name = 'InvalidResponse';
}

/**
 * Headers of the connection and the platform. Those of a function are dropped: Node frames the
 * response.
 */
const platformHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'content-length',
  'x-nf-request-id',
]);
const whatToReturn = 'Return { statusCode: 200, body: "…" }';
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** The values that HTTP allows: Latin-1, without control characters except the tab. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Parses the API Gateway proxy result that a handler returned: `{ statusCode, headers?,
 * multiValueHeaders?, body?, isBase64Encoded? }`. As on Netlify, the status must be numerical and
 * the body a string (netlify-cli, `lib/functions/synchronous.js`).
 *
 * @throws {ProxyResultError} Says what was returned and what to return.
 */
export function parseProxyResult(json: Uint8Array): ProxyResponse {
  const result = parseObject(json);
  const multiple = result['multiValueHeaders'];
  const multipleNames = new Set(
    isRecord(multiple) ? Object.keys(multiple).map((name) => name.toLowerCase()) : [],
  );
  // For a name in both fields `multiValueHeaders` applies, as in API Gateway.
  const headers = [
    ...headerPairs('headers', result['headers'], (name) => multipleNames.has(name.toLowerCase())),
    ...headerPairs('multiValueHeaders', multiple),
  ];
  return {
    statusCode: statusOf(result['statusCode']),
    headers,
    body: bodyOf(result['body'], result['isBase64Encoded'] === true),
  };
}

/**
 * Checks the head of a streamed response, and drops headers that a function must not set.
 *
 * @throws {ProxyResultError}
 */
export function checkStreamHead({ statusCode, headers }: CheckedHead): CheckedHead {
  const sendable = headers.filter(([name, value]) => isSendable(name, value));
  if (!isStatus(statusCode)) {
    throw new ProxyResultError(
      `The response has the status ${statusCode}; it has to be from 200 to 599.`,
    );
  }
  return { statusCode, headers: sendable };
}

function parseObject(json: Uint8Array): Record<string, unknown> {
  const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8');
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new ProxyResultError(
      `The function answered with something that is not JSON. ${whatToReturn}.`,
    );
  }
  if (value === null || value === undefined) {
    throw new ProxyResultError(
      `The function returned nothing. ${whatToReturn} (or a promise of it, or give it to the callback).`,
    );
  }
  if (!isRecord(value)) {
    throw new ProxyResultError(
      `The function returned ${brief(value)}. Return an object: { statusCode: 200, body: "…" }.`,
    );
  }
  return value;
}

function statusOf(value: unknown): number {
  const status = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof status === 'number' && isStatus(status)) return status;
  throw new ProxyResultError(
    'The response needs a numerical statusCode from 200 to 599; ' +
      `the function returned ${brief(value)}. ${whatToReturn}.`,
  );
}

function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599;
}

function bodyOf(value: unknown, isBase64: boolean): string | Buffer {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return isBase64 ? Buffer.from(value, 'base64') : value;
  throw new ProxyResultError(
    `The body has to be a string; the function returned ${brief(value)}. ` +
      'Use JSON.stringify(…), or base64 with isBase64Encoded: true.',
  );
}

/** Reads `headers` or `multiValueHeaders`. Each value may be a single value or an array. */
function headerPairs(
  field: 'headers' | 'multiValueHeaders',
  value: unknown,
  isLeftOut: (name: string) => boolean = () => false,
): readonly (readonly [string, string])[] {
  if (value === null || value === undefined) return [];
  if (!isRecord(value)) {
    throw new ProxyResultError(
      `${field} has to be an object; the function returned ${brief(value)}.`,
    );
  }
  const pairs: (readonly [string, string])[] = [];
  for (const [name, content] of Object.entries(value)) {
    if (isLeftOut(name)) continue;
    const values: readonly unknown[] = Array.isArray(content) ? content : [content];
    for (const single of values) addHeader(pairs, name, single);
  }
  return pairs;
}

function addHeader(pairs: (readonly [string, string])[], name: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new ProxyResultError(
      `The header ${JSON.stringify(name)} has to be a string; ` +
        `the function returned ${brief(value)}.`,
    );
  }
  const text = String(value);
  if (isSendable(name, text)) pairs.push([name, text]);
}

function isSendable(name: string, value: string): boolean {
  if (!headerName.test(name)) {
    throw new ProxyResultError(`${JSON.stringify(name)} is not a header name.`);
  }
  if (!headerValue.test(value)) {
    throw new ProxyResultError(
      `The header ${JSON.stringify(name)} has characters that HTTP does not allow. ` +
        'Encode the value, for example with encodeURIComponent().',
    );
  }
  return !platformHeaders.has(name.toLowerCase());
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function brief(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Infinity });
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
