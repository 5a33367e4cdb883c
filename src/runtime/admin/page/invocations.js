import { filters } from './address.js';
import { announce, api, byId, showProblem, states } from './api.js';
import { age, clockTime, duration, h, morph, s, shortId, visible } from './elements.js';
import { countOf } from './overview.js';

/**
 * Which invocation is open; empty: none. It stands in the address, so that a link to it can be
 * shared. Ids have letters and digits only.
 */
export const selectedId = () => location.hash.slice(1);

/** The ids that are shown, and the question they answer: what is new among them is marked. */
let known = new Set();
let listed = '';
/** The functions with their counts, as of the last refresh. */
let counted = [];
/** What the open invocation was at the last look: a change is announced. */
let seen = { id: '', state: '' };

const pageSize = 100;

/**
 * The page of invocations that the address names. `functions` are counted for how many there are in
 * all.
 */
export async function showInvocations(functions = counted) {
  counted = functions;
  const asked = filters();
  const query = new URLSearchParams({ limit: String(pageSize + 1) });
  for (const name of ['function', 'state', 'before']) {
    if (asked[name] !== '') query.set(name, asked[name]);
  }
  const { invocations: found } = await api(`/api/invocations?${query}`);
  // Another one was chosen meanwhile.
  if (JSON.stringify(asked) !== JSON.stringify(filters())) return;
  const invocations = found.slice(0, pageSize);
  const before = listed === `${query}` ? known : new Set();
  listed = `${query}`;
  known = new Set(invocations.map(({ id }) => id));
  byId('retry-all').hidden = asked.state !== 'failed' || invocations.length === 0;
  showPaging(asked, invocations, found.length > pageSize);
  const selected = selectedId();
  morph(
    byId('list'),
    invocations.map((invocation) =>
      h(
        'tr',
        {
          'data-key': invocation.id,
          class:
            before.size > 0 && !before.has(invocation.id)
              ? 'fresh'
              : invocation.id === selected
                ? 'selected'
                : undefined,
        },
        h(
          'td',
          {},
          h(
            'a',
            {
              href: `#${encodeURIComponent(invocation.id)}`,
              class: 'mono',
              'aria-current': invocation.id === selected ? 'true' : undefined,
            },
            shortId(invocation.id),
          ),
        ),
        h('td', { class: 'mono name' }, invocation.functionName),
        h('td', {}, stateOf(invocation)),
        h(
          'td',
          { class: 'number wide' },
          `${invocation.attempt} of ${invocation.retry.maxAttempts}`,
        ),
        h(
          'td',
          { class: 'soft wide end', title: new Date(invocation.acceptedAtMs).toLocaleString() },
          `${age(Date.now() - invocation.acceptedAtMs)} ago`,
        ),
      ),
    ),
  );
}

/** How many there are, the way to older ones, and what to do where there is none. */
function showPaging({ function: name, state, before }, invocations, hasOlder) {
  const total = (state === '' ? states : [state]).reduce(
    (sum, one) => sum + countOf(counted, one, name),
    0,
  );
  const isFiltered = name !== '' || state !== '';
  byId('invocation-count').textContent = total.toLocaleString();
  morph(
    byId('empty'),
    invocations.length > 0
      ? []
      : [
          h(
            'p',
            {},
            before !== ''
              ? 'There are no older ones.'
              : isFiltered
                ? 'No invocation matches the filters.'
                : 'Nothing was called yet. Press Invoke, or send a POST to the address of a function.',
          ),
          before === '' && isFiltered
            ? h('button', { 'data-action': 'all-invocations' }, 'Show all')
            : undefined,
        ],
  );
  morph(byId('paging'), [
    before === ''
      ? undefined
      : h(
          'button',
          { 'data-key': 'newest', 'data-action': 'turn-page', 'data-value': '' },
          'Newest',
        ),
    hasOlder
      ? h(
          'button',
          { 'data-key': 'older', 'data-action': 'turn-page', 'data-value': invocations.at(-1).id },
          'Older',
        )
      : undefined,
  ]);
}

function stateOf(invocation) {
  const waits = invocation.state === 'queued' && invocation.availableAtMs > Date.now();
  return h(
    'span',
    {},
    h('span', { class: `state ${invocation.state}` }, invocation.state),
    waits
      ? h('span', { class: 'soft' }, ` in ${age(invocation.availableAtMs - Date.now())}`)
      : undefined,
  );
}

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
    api(`/api/invocations/${encodeURIComponent(id)}`).catch((error) => {
      if (error.status === 404) return undefined;
      throw error;
    }),
    api(`/api/logs?invocation=${encodeURIComponent(id)}&limit=200`),
  ]);
  if (id !== selectedId()) return;
  morphDetail(id, found, lines);
  detail.hidden = false;
  if (isNew) bringIntoView(detail);
}

function morphDetail(id, found, lines) {
  const detail = byId('detail');
  if (found === undefined) {
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
    return;
  }
  const { invocation, attempts } = found;
  if (seen.id === id && seen.state !== invocation.state) {
    announce(`Invocation ${shortId(id)} of ${invocation.functionName}: ${invocation.state}`);
  }
  seen = { id, state: invocation.state };
  morph(detail, [h('div', { 'data-key': id }, ...detailOf(invocation, attempts, lines))]);
}

/** On a narrow screen what was opened stands below the list. */
function bringIntoView(detail) {
  const { top } = detail.getBoundingClientRect();
  if (top < 0 || top > innerHeight - 200) detail.scrollIntoView({ block: 'start' });
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

function detailOf(invocation, attempts, lines) {
  const canRetry = invocation.state === 'failed' || invocation.state === 'cancelled';
  const canCancel = invocation.state === 'queued' || invocation.state === 'running';
  const facts = [
    [
      'Id',
      h(
        'span',
        { class: 'id' },
        h('span', { class: 'mono' }, invocation.id),
        navigator.clipboard === undefined
          ? undefined
          : h(
              'button',
              {
                class: 'small',
                'data-action': 'copy',
                'data-value': invocation.id,
                'aria-label': 'Copy the id',
              },
              'Copy',
            ),
      ),
    ],
    ['Accepted', clockTime(invocation.acceptedAtMs)],
    ...(invocation.finishedAtMs === undefined
      ? []
      : [
          [
            'Ended',
            `${clockTime(invocation.finishedAtMs)}, after ${duration(invocation.finishedAtMs - invocation.acceptedAtMs)}`,
          ],
        ]),
    ...(invocation.idempotencyKey === undefined
      ? []
      : [['Idempotency key', h('span', { class: 'mono' }, visible(invocation.idempotencyKey))]]),
  ];
  return [
    h(
      'div',
      { class: 'bar' },
      h('h3', { id: 'detail-heading', tabindex: '-1' }, invocation.functionName),
      stateOf(invocation),
      canRetry
        ? h(
            'button',
            {
              class: 'primary',
              'data-key': 'retry',
              'data-action': 'retry',
              'data-value': invocation.id,
            },
            'Retry',
          )
        : undefined,
      canCancel
        ? h(
            'button',
            {
              class: 'danger',
              'data-key': 'cancel',
              'data-action': 'cancel',
              'data-value': invocation.id,
            },
            'Cancel',
          )
        : undefined,
      closeButton(),
    ),
    h(
      'dl',
      { class: 'facts' },
      ...facts.map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
    ),
    h('h4', {}, 'Attempts'),
    attempts.length === 0
      ? h('p', { class: 'soft' }, 'Not begun yet.')
      : timeline(invocation, attempts),
    h('h4', {}, 'Log'),
    h(
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
          ...logLine(line, { withRun: attempts.length > 1 }),
        ),
      ),
    ),
  ];
}

/**
 * Each attempt with a bar on the time scale of the whole invocation, the waits between them
 * included.
 */
function timeline(invocation, attempts) {
  const fromMs = Math.min(
    invocation.acceptedAtMs,
    ...attempts.map((attempt) => attempt.startedAtMs),
  );
  const waitsUntilMs = invocation.state === 'queued' ? invocation.availableAtMs : 0;
  const untilMs = Math.max(
    ...attempts.map((attempt) => attempt.finishedAtMs ?? Date.now()),
    waitsUntilMs,
    fromMs + 1,
  );
  const x = (atMs) => ((atMs - fromMs) / (untilMs - fromMs)) * 1000;
  return h(
    'ol',
    { class: 'attempts' },
    ...attempts.map((attempt) => {
      const finishedAtMs = attempt.finishedAtMs ?? Date.now();
      const width = Math.max(8, x(finishedAtMs) - x(attempt.startedAtMs));
      return h(
        'li',
        {},
        h(
          'div',
          { class: 'attempt' },
          h(
            'span',
            { class: `state ${attempt.outcome}` },
            `Attempt ${attempt.number} ${attempt.outcome}`,
          ),
          h(
            'span',
            { class: 'soft' },
            `${clockTime(attempt.startedAtMs)}, ${duration(finishedAtMs - attempt.startedAtMs)}`,
          ),
        ),
        s(
          'svg',
          { viewBox: '0 0 1000 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
          s('rect', { class: 'fill-wait', x: 0, y: 3, width: 1000, height: 2 }),
          s('rect', {
            class: `fill-${attempt.outcome}`,
            x: Math.min(x(attempt.startedAtMs), 1000 - width),
            y: 0,
            width,
            height: 8,
          }),
        ),
        attempt.error === undefined ? undefined : errorOf(attempt.error),
      );
    }),
  );
}

/** Longer messages are whole behind their first characters. */
const titleLength = 160;

function errorOf(error) {
  const title = visible(`${error.type}: ${error.message}`);
  const [firstLine] = title.split('\n', 1);
  if (error.stack === undefined && title.length <= titleLength && firstLine === title) {
    return h('p', { class: 'error mono' }, title);
  }
  const summary =
    firstLine.length > titleLength ? `${firstLine.slice(0, titleLength)}…` : firstLine;
  return h(
    'details',
    {},
    h('summary', { class: 'mono' }, summary),
    h(
      'pre',
      { class: 'mono', tabindex: '0', 'aria-label': 'Error' },
      visible(error.stack ?? title),
    ),
  );
}

/** A log line, as text: what a function prints can hold anything. */
export function logLine(line, { withName = false, withRun = true } = {}) {
  const kind =
    line.level === 'error' || line.level === 'warn'
      ? line.level
      : line.stream === 'platform' || line.level === 'debug'
        ? 'soft'
        : '';
  const run =
    line.invocationId === undefined || !withRun
      ? ''
      : withName
        ? `${shortId(line.invocationId)}#${line.attempt ?? 1} `
        : `#${line.attempt ?? 1} `;
  return [
    h('span', { class: 'soft' }, `${clockTime(line.atMs)} `),
    withName ? h('span', { class: 'name' }, `${line.functionName} `) : undefined,
    h('span', { class: 'soft' }, run),
    h('span', { class: kind }, visible(line.text)),
  ];
}

export async function change(id, action) {
  try {
    await api(`/api/invocations/${encodeURIComponent(id)}/${action}`, { method: 'POST' });
    await Promise.all([showInvocations(), showDetail()]);
    // The button that was pressed is gone; who uses the keyboard goes on from the heading above it.
    if (document.activeElement === document.body) {
      byId('detail-heading')?.focus({ preventScroll: true });
    }
  } catch (error) {
    showProblem(error);
  }
}

export async function retryAll() {
  const name = filters().function;
  if (!confirm(`Retry every failed invocation${name === '' ? '' : ` of ${name}`}?`)) return;
  try {
    const { retried } = await api(
      `/api/invocations/retry${name === '' ? '' : `?function=${encodeURIComponent(name)}`}`,
      { method: 'POST' },
    );
    announce(`${retried} queued again`);
    await showInvocations();
  } catch (error) {
    showProblem(error);
  }
}

/** To the clipboard, which browsers give to pages of this machine and of https alone. */
export async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    announce('Copied');
    // Until the next refresh.
    button.textContent = 'Copied';
  } catch (error) {
    announce(`Not copied: ${error.message}`);
  }
}

export function closeDetail() {
  const id = selectedId();
  history.replaceState(null, '', `${location.pathname}${location.search}`);
  byId('detail').hidden = true;
  document.querySelector(`#list [href="#${CSS.escape(encodeURIComponent(id))}"]`)?.focus();
}
