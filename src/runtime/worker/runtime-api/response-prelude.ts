/**
 * The content type of a streamed body that begins with a prelude. A prelude is a JSON object with
 * `statusCode`, `headers` and `cookies`, followed by 8 NUL bytes.
 */
export const httpIntegrationType = 'application/vnd.awslambda.http-integration-response';

/** The bytes that end the prelude. */
export const preludeEnd = Buffer.alloc(8);

/** The status and the headers of a streamed response. */
export interface ResponseHead {
  readonly statusCode: number;
  readonly headers: readonly (readonly [string, string])[];
}

/**
 * Parses the JSON of a prelude. Returns `undefined` if the text is not a valid prelude. A header
 * with several values becomes several entries, and each cookie becomes a `set-cookie` header.
 */
export function parsePrelude(text: string): ResponseHead | undefined {
  const prelude = parseRecord(text);
  if (prelude === undefined) return undefined;
  const { statusCode = 200, headers = {}, cookies = [] } = prelude;
  if (!Number.isInteger(statusCode) || !isObject(headers) || !Array.isArray(cookies)) {
    return undefined;
  }
  return {
    statusCode: Number(statusCode),
    headers: [
      ...Object.entries(headers).flatMap(([name, value]) => headerEntries(name, value)),
      ...headerEntries('set-cookie', cookies),
    ],
  };
}

function headerEntries(name: string, value: unknown): (readonly [string, string])[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map((one) => [name, String(one)]);
}

function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
