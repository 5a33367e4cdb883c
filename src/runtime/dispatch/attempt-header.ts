const header = 'x-bgfn-attempt';

/**
 * The event of a later attempt: the stored one says attempt 1 (`x-bgfn-attempt` in `headers` and `multiValueHeaders`).
 * An event that is not a JSON object with headers passes unchanged.
 */
export function withAttempt(payload: Uint8Array, attempt: number): Uint8Array {
  if (attempt <= 1) {
    return payload;
  }
  const event = parse(payload);
  if (!isObject(event) || !isObject(event['headers'])) {
    return payload;
  }
  const patched: Record<string, unknown> = { ...event, headers: replaced(event['headers'], String(attempt)) };
  if (isObject(event['multiValueHeaders'])) {
    patched['multiValueHeaders'] = replaced(event['multiValueHeaders'], [String(attempt)]);
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

function replaced(headers: Readonly<Record<string, unknown>>, value: unknown): Record<string, unknown> {
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== header);
  return Object.fromEntries([...others, [header, value]]);
}
