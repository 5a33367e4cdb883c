import { filters } from './address.js';
import { api } from './api.js';
import { byId } from './elements.js';
import { showDetail } from './invocation-detail.js';
import { showInvocations } from './invocation-list.js';
import { announce, showProblem } from './status.js';

/** @param action `retry` or `cancel` */
export async function changeInvocation(id, action) {
  try {
    await api(`/api/invocations/${encodeURIComponent(id)}/${action}`, { method: 'POST' });
    await Promise.all([showInvocations(), showDetail()]);
    // The pressed button is gone: the keyboard goes on from the heading above it.
    if (document.activeElement === document.body) {
      byId('detail-heading')?.focus({ preventScroll: true });
    }
  } catch (error) {
    showProblem(error);
  }
}

/** Retries every failed invocation, of one function when the page is filtered by it. */
export async function retryAll() {
  const name = filters().function;
  if (!confirm(`Retry every failed invocation${name === '' ? '' : ` of ${name}`}?`)) return;
  const query = name === '' ? '' : `?function=${encodeURIComponent(name)}`;
  try {
    const { retried } = await api(`/api/invocations/retry${query}`, { method: 'POST' });
    announce(`${retried} queued again`);
    await showInvocations();
  } catch (error) {
    showProblem(error);
  }
}

/** Copies to the clipboard, which browsers give to pages over https and of this machine only. */
export async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied');
    // The next refresh restores the text.
    button.textContent = 'Copied';
  } catch (error) {
    announce(`Not copied: ${error.message}`);
  }
}
