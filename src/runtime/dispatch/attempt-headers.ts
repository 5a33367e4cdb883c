type Fields = Readonly<Record<string, unknown>>;

/** Where a stored payload says what trace it belongs to: the headers of an event, or a delivery itself. */
export function traceHeadersOf(payload: Uint8Array): Fields {
  const stored = parse(payload);
  if (!isObject(stored)) return {};
  return isObject(stored['headers']) ? stored['headers'] : stored;
}

/**
 * The stored event with other values for some headers, in `headers` and in `multiValueHeaders`: the stored one says attempt 1, and names the span of its accept.
 * An event that is not a JSON object with headers passes unchanged.
 */
export function withHeaders(payload: Uint8Array, replacements: Readonly<Record<string, string>>): Uint8Array {
  if (Object.keys(replacements).length === 0) {
    return payload;
  }
  const event = parse(payload);
  if (!isObject(event) || !isObject(event['headers'])) {
    return payload;
  }
  const patched: Record<string, unknown> = { ...event, headers: replaced(event['headers'], replacements) };
  if (isObject(event['multiValueHeaders'])) {
    patched['multiValueHeaders'] = replaced(event['multiValueHeaders'], Object.fromEntries(Object.entries(replacements).map(([name, value]) => [name, [value]])));
  }
  return Buffer.from(JSON.stringify(patched));
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function replaced(headers: Fields, replacements: Fields): Record<string, unknown> {
  const others = Object.entries(headers).filter(([name]) => !Object.hasOwn(replacements, name.toLowerCase()));
  return Object.fromEntries([...others, ...Object.entries(replacements)]);
}
