import { deselect, selectedId } from './address.js';
import { api } from './api.js';
import { attemptTimeline } from './attempt-timeline.js';
import { byId, h, morph } from './elements.js';
import { clockTime, duration, shortId, visible } from './format.js';
import { logLine } from './log-line.js';
import { stateLabel } from './state-label.js';
import { announce } from './status.js';

/** The open invocation and its state at the last refresh, by which a change of state is noticed. */
let seen = { id: '', state: '' };

/** Shows the invocation in the address, or hides the detail if the address contains none. */
export async function showDetail() {
  const id = selectedId();
  const detail = byId('detail');
  if (id === '') {
    detail.hidden = true;
    seen = { id, state: '' };
    return;
  }
  const isNew = seen.id !== id;
  const [found, { lines }] = await Promise.all([
    findInvocation(id),
    api(`/api/logs?invocation=${encodeURIComponent(id)}&limit=200`),
  ]);
  // Another invocation was opened in the meantime.
  if (id !== selectedId()) return;
  if (found === undefined) showMissing(detail, id);
  else showFound(detail, found, lines);
  detail.hidden = false;
  if (isNew) bringIntoView(detail);
}

export function closeDetail() {
  const id = selectedId();
  deselect();
  byId('detail').hidden = true;
  document.querySelector(`#list [href="#${CSS.escape(encodeURIComponent(id))}"]`)?.focus();
}

async function findInvocation(id) {
  try {
    return await api(`/api/invocations/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error.status === 404) return undefined;
    throw error;
  }
}

function showMissing(detail, id) {
  seen = { id, state: '' };
  morph(detail, [
    h(
      'div',
      { 'data-key': id },
      h(
        'div',
        { class: 'bar' },
        h('h3', { id: 'detail-heading', tabindex: '-1' }, 'No such invocation'),
        closeButton(),
      ),
      h('p', { class: 'soft' }, `${visible(id)} is not in this queue. It may have been purged.`),
    ),
  ]);
}

function showFound(detail, { invocation, attempts }, lines) {
  const { id, state, functionName } = invocation;
  if (seen.id === id && seen.state !== state) {
    announce(`Invocation ${shortId(id)} of ${functionName}: ${state}`);
  }
  seen = { id, state };
  morph(detail, [
    h(
      'div',
      { 'data-key': id },
      titleBar(invocation),
      factList(invocation),
      h('h4', {}, 'Attempts'),
      attempts.length === 0
        ? h('p', { class: 'soft' }, 'Not begun yet.')
        : attemptTimeline(invocation, attempts),
      h('h4', {}, 'Log'),
      logOf(lines, attempts.length > 1),
    ),
  ]);
}

/** Scrolls to the detail, which is below the list on a narrow screen. */
function bringIntoView(detail) {
  const { top } = detail.getBoundingClientRect();
  if (top < 0 || top > innerHeight - 200) detail.scrollIntoView({ block: 'start' });
}

function titleBar(invocation) {
  const { id, state, functionName } = invocation;
  const canRetry = state === 'failed' || state === 'cancelled';
  const canCancel = state === 'queued' || state === 'running';
  return h(
    'div',
    { class: 'bar' },
    h('h3', { id: 'detail-heading', tabindex: '-1' }, functionName),
    stateLabel(invocation),
    canRetry ? changeButton(id, { action: 'retry', text: 'Retry', style: 'primary' }) : undefined,
    canCancel ? changeButton(id, { action: 'cancel', text: 'Cancel', style: 'danger' }) : undefined,
    closeButton(),
  );
}

function changeButton(id, { action, text, style }) {
  return h(
    'button',
    { class: style, 'data-key': action, 'data-action': action, 'data-value': id },
    text,
  );
}

function closeButton() {
  return h(
    'button',
    {
      class: 'quiet',
      'data-key': 'close',
      'data-action': 'close-detail',
      'aria-label': 'Close this invocation',
    },
    'Close',
  );
}

function factList({ id, acceptedAtMs, finishedAtMs, idempotencyKey }) {
  const facts = [
    ['Id', idWithCopyButton(id)],
    ['Accepted', clockTime(acceptedAtMs)],
  ];
  if (finishedAtMs !== undefined) {
    const took = duration(finishedAtMs - acceptedAtMs);
    facts.push(['Ended', `${clockTime(finishedAtMs)}, after ${took}`]);
  }
  if (idempotencyKey !== undefined) {
    facts.push(['Idempotency key', h('span', { class: 'mono' }, visible(idempotencyKey))]);
  }
  return h(
    'dl',
    { class: 'facts' },
    ...facts.map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
  );
}

function idWithCopyButton(id) {
  const canCopy = navigator.clipboard !== undefined;
  return h(
    'span',
    { class: 'id' },
    h('span', { class: 'mono' }, id),
    canCopy
      ? h(
          'button',
          { class: 'small', 'data-action': 'copy', 'data-value': id, 'aria-label': 'Copy the id' },
          'Copy',
        )
      : undefined,
  );
}

function logOf(lines, hasSeveralAttempts) {
  return h(
    'div',
    {
      class: 'log small',
      tabindex: '0',
      role: 'region',
      'aria-label': 'Log lines of this invocation',
    },
    ...lines.map((line) =>
      h(
        'div',
        { 'data-key': String(line.sequence), class: 'line' },
        ...logLine(line, { withRun: hasSeveralAttempts }),
      ),
    ),
  );
}
