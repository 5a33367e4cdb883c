import { api } from './api.js';
import { byId } from './elements.js';

/** The function that the dialog was opened for. */
let functionName = '';

export function openInvoke(name) {
  functionName = name;
  byId('invoke-heading').textContent = `Invoke ${name}`;
  byId('invoke-result').textContent = '';
  byId('invoke').showModal();
}

/** Sends the call and opens its invocation. */
export async function sendInvoke() {
  try {
    const payload = byId('payload').value;
    const { id } = await api(`/api/functions/${encodeURIComponent(functionName)}/invoke`, {
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
