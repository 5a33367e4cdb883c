import { filters, setFilter, turnPage } from './address.js';
import { api } from './api.js';
import { byId } from './elements.js';
import { closeDetail, showDetail } from './invocation-detail.js';
import { showInvocations } from './invocation-list.js';
import { openInvoke, sendInvoke } from './invoke.js';
import { followLogs } from './logs.js';
import { refresh } from './refresh.js';
import { announce, showProblem } from './status.js';

/**
 * The actions of the page's buttons, by `data-action`. Each is called with the button's
 * `data-value` and the button. Buttons have no listeners of their own, so that a refresh can reuse
 * their elements.
 */
export const actions = {
  'open-invoke': openInvoke,
  'filter-state': (state) => choose('state', filters().state === state ? '' : state),
  'filter-function': (name) => choose('function', filters().function === name ? '' : name),
  'turn-page': (before) => {
    turnPage(before);
    void refresh();
  },
  'all-invocations': () => {
    setFilter('state', '');
    choose('function', '');
  },
  copy: (text, button) => void copy(text, button),
  retry: (id) => void changeInvocation(id, 'retry'),
  cancel: (id) => void changeInvocation(id, 'cancel'),
  'close-detail': closeDetail,
  'retry-all': () => void retryAll(),
  'send-invoke': () => void sendInvoke(),
};

/** Sets a filter of the page, and shows again what the filter applies to. */
export function choose(name, value) {
  setFilter(name, value);
  if (name !== 'state') followLogs();
  if (name !== 'level') void refresh();
}

/** @param action `retry` or `cancel` */
async function changeInvocation(id, action) {
  try {
    await api(`/api/invocations/${encodeURIComponent(id)}/${action}`, { method: 'POST' });
    await Promise.all([showInvocations(), showDetail()]);
    // The pressed button was removed: move the focus to the heading above its place.
    if (document.activeElement === document.body) {
      byId('detail-heading')?.focus({ preventScroll: true });
    }
  } catch (error) {
    showProblem(error);
  }
}

/** Retries every failed invocation; only those of one function if the page is filtered by it. */
async function retryAll() {
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

/** Copies to the clipboard. Browsers allow that to pages over https and of this machine only. */
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied');
    // The next refresh restores the text.
    button.textContent = 'Copied';
  } catch (error) {
    announce(`Not copied: ${error.message}`);
  }
}
