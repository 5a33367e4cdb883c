import { api, byId } from './api.js';

let target = '';

export function openInvoke(name) {
  target = name;
  byId('invoke-heading').textContent = `Invoke ${name}`;
  byId('invoke-result').textContent = '';
  byId('invoke').showModal();
}

/** Queues the call and opens its invocation. */
export async function sendInvoke() {
  try {
    const payload = byId('payload').value;
    const { id } = await api(`/api/functions/${encodeURIComponent(target)}/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ body: payload }),
    });
    byId('invoke').close();
    location.hash = encodeURIComponent(id);
  } catch (error) {
    byId('invoke-result').textContent = error.message;
  }
}
