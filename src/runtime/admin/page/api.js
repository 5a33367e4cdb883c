export const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

export const byId = (id) => document.getElementById(id);

/** A runtime that stands still keeps its connections open and says nothing. */
const answerMs = 8_000;

class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * A request to the admin API; rejects with what the API says went wrong (`status`), or with why
 * there is no answer.
 */
export async function api(path, options) {
  const away = new AbortController();
  const timer = setTimeout(() => away.abort(), answerMs);
  try {
    const response = await fetch(path, { ...options, signal: away.signal });
    const body = await response.json();
    if (!response.ok) {
      throw new ApiError(response.status, body.errorMessage ?? `${response.status}`);
    }
    return body;
  } finally {
    clearTimeout(timer);
  }
}

/** Says something to people who do not look at the screen. */
export function announce(text) {
  byId('announcement').textContent = text;
}

/** Shown beside the title until the next refresh that goes well. */
export function showProblem(error) {
  byId('connection').textContent =
    error instanceof ApiError ? error.message : 'The runtime does not answer';
  byId('connection').className = 'problem';
}

export function showConnected() {
  byId('connection').textContent = 'live';
  byId('connection').className = 'connected';
}
