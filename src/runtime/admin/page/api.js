export const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

export const byId = (id) => document.getElementById(id);

/** A request to the admin API; rejects with what the API says went wrong. */
export async function api(path, options) {
  const response = await fetch(path, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.errorMessage ?? `${response.status}`);
  return body;
}

/** Says something to people who do not look at the screen. */
export function announce(text) {
  byId('announcement').textContent = text;
}

/** Shown beside the title until the next refresh that goes well. */
export function showProblem(error) {
  byId('connection').textContent = error instanceof TypeError ? 'The runtime does not answer' : error.message;
  byId('connection').className = 'problem';
}

export function showConnected() {
  byId('connection').textContent = 'live';
  byId('connection').className = 'connected';
}
