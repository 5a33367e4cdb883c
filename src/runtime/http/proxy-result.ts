import { inspect } from 'node:util';

/** A buffered answer of a function, checked and ready to be written. */
export interface ProxyResponse {
  readonly statusCode: number;
  /** Names as the function wrote them; a name with several values stands there several times. */
  readonly headers: readonly (readonly [string, string])[];
  /** Text as it is, which Node sends together with the head; bytes where the function gave base64. */
  readonly body: string | Buffer;
}

/** What a v1 handler (or a Go one) returned is not an answer; the message says what to return. */
export class ProxyResultError extends Error {
  override readonly name = 'InvalidResponse';
}

/** The connection's and the platform's, not the function's: Node frames the answer itself. */
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
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What HTTP allows in a value: no control characters but the tab, Latin-1. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Reads the API Gateway proxy result that a handler returned: `{ statusCode, headers?,
 * multiValueHeaders?, body?, isBase64Encoded? }`. The rules are Netlify's (netlify-cli
 * `lib/functions/synchronous.js`): a numerical status and a string body.
 *
 * @throws ProxyResultError that says what was returned and what to return.
 */
export function parseProxyResult(json: Uint8Array): ProxyResponse {
  const result = parseObject(json);
  const headers = [
    ...singleHeaders(result['headers'], result['multiValueHeaders']),
    ...multiHeaders(result['multiValueHeaders']),
  ];
  return {
    statusCode: statusOf(result['statusCode']),
    headers,
    body: bodyOf(result['body'], result['isBase64Encoded'] === true),
  };
}

/** Header pairs that may be sent on, for streamed answers. @throws ProxyResultError */
export function checkHeaders(
  pairs: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  return pairs.filter(([name, value]) => isSendable(name, value));
}

function parseObject(json: Uint8Array): Record<string, unknown> {
  const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8');
  let value: unknown;
  try {
    value = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new ProxyResultError(
      'The function answered with something that is not JSON. Return { statusCode: 200, body: "…" }.',
    );
  }
  if (value === null || value === undefined) {
    throw new ProxyResultError(
      'The function returned nothing. Return { statusCode: 200, body: "…" } (or a promise of it, or give it to the callback).',
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
  if (typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 599) {
    return status;
  }
  throw new ProxyResultError(
    `The response needs a numerical statusCode from 200 to 599; the function returned ${brief(value)}. Return { statusCode: 200, body: "…" }.`,
  );
}

function bodyOf(value: unknown, isBase64: boolean): string | Buffer {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return isBase64 ? Buffer.from(value, 'base64') : value;
  throw new ProxyResultError(
    `The body has to be a string; the function returned ${brief(value)}. Use JSON.stringify(…), or base64 with isBase64Encoded: true.`,
  );
}

/** A name that is also in `multiValueHeaders` is left to that, as API Gateway does. */
function singleHeaders(value: unknown, multi: unknown): readonly (readonly [string, string])[] {
  if (value === null || value === undefined) return [];
  if (!isRecord(value)) {
    throw new ProxyResultError(
      `headers has to be an object; the function returned ${brief(value)}.`,
    );
  }
  const several = new Set(
    isRecord(multi) ? Object.keys(multi).map((name) => name.toLowerCase()) : [],
  );
  const pairs: (readonly [string, string])[] = [];
  for (const [name, content] of Object.entries(value)) {
    if (several.has(name.toLowerCase())) continue;
    for (const one of Array.isArray(content) ? content : [content]) addHeader(pairs, name, one);
  }
  return pairs;
}

function multiHeaders(value: unknown): readonly (readonly [string, string])[] {
  if (value === null || value === undefined) return [];
  if (!isRecord(value)) {
    throw new ProxyResultError(
      `multiValueHeaders has to be an object; the function returned ${brief(value)}.`,
    );
  }
  const pairs: (readonly [string, string])[] = [];
  for (const [name, content] of Object.entries(value)) {
    for (const one of Array.isArray(content) ? content : [content]) addHeader(pairs, name, one);
  }
  return pairs;
}

function addHeader(pairs: (readonly [string, string])[], name: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw new ProxyResultError(
      `The header ${JSON.stringify(name)} has to be a string; the function returned ${brief(value)}.`,
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
      `The header ${JSON.stringify(name)} has characters that HTTP does not allow. Encode the value, for example with encodeURIComponent().`,
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
