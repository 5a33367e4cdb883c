export const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

/** The timeout of a request, ms: a runtime that hangs keeps its connections open. */
const timeoutMs = 8_000;

/** An error response of the admin API. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * Sends a request to the admin API and returns the JSON of the response. Rejects with an
 * `ApiError`, or with the reason why there was no response.
 */
export async function api(path, options) {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    const response = await fetch(path, { ...options, signal: timeout.signal });
    const body = await response.json();
    if (!response.ok) {
      throw new ApiError(response.status, body.errorMessage ?? `${response.status}`);
    }
    return body;
  } finally {
    clearTimeout(timer);
  }
}
