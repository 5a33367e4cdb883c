import { ApiError } from './api.js';
import { byId } from './elements.js';

/** Makes screen readers read `text` aloud. */
export function announce(text) {
  byId('announcement').textContent = text;
}

/** Shows an error beside the title, until the next refresh that succeeds. */
export function showProblem(error) {
  byId('connection').textContent =
    error instanceof ApiError ? error.message : 'The runtime does not answer';
  byId('connection').className = 'problem';
}

export function showConnected() {
  byId('connection').textContent = 'live';
  byId('connection').className = 'connected';
}
