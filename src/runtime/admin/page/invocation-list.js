import { filters, selectedId } from './address.js';
import { api, states } from './api.js';
import { byId, h, morph } from './elements.js';
import { age, shortId } from './format.js';
import { countOf } from './overview.js';
import { stateLabel } from './state-label.js';

const pageSize = 100;

/**
 * The query and the ids of the last refresh. An id that the same query did not return before is
 * marked.
 */
let shown = { query: '', ids: new Set() };
/** The functions with their counts at the last refresh. */
let countedFunctions = [];

/**
 * Shows the page of invocations in the address, and their total number by the counts of
 * `functions`.
 */
export async function showInvocations(functions = countedFunctions) {
  countedFunctions = functions;
  const wanted = filters();
  const query = listQuery(wanted);
  const { invocations: found } = await api(`/api/invocations?${query}`);
  // Other filters were chosen in the meantime.
  if (JSON.stringify(wanted) !== JSON.stringify(filters())) return;
  const invocations = found.slice(0, pageSize);
  byId('retry-all').hidden = wanted.state !== 'failed' || invocations.length === 0;
  byId('invocation-count').textContent = totalOf(wanted).toLocaleString();
  showEmptyNote(wanted, invocations.length === 0);
  showPaging(wanted, found.length > pageSize ? invocations.at(-1).id : undefined);
  showRows(query, invocations);
}

/** The query for one page and one invocation more, which shows whether there is a next page. */
function listQuery(wanted) {
  const query = new URLSearchParams({ limit: String(pageSize + 1) });
  for (const name of ['function', 'state', 'before']) {
    if (wanted[name] !== '') query.set(name, wanted[name]);
  }
  return query.toString();
}

function totalOf({ function: name, state }) {
  const counted = state === '' ? states : [state];
  return counted.reduce((sum, one) => sum + countOf(countedFunctions, one, name), 0);
}

function showRows(query, invocations) {
  const idsBefore = shown.query === query ? shown.ids : new Set();
  shown = { query, ids: new Set(invocations.map(({ id }) => id)) };
  const isFresh = (id) => idsBefore.size > 0 && !idsBefore.has(id);
  morph(
    byId('list'),
    invocations.map((invocation) => invocationRow(invocation, isFresh(invocation.id))),
  );
}

function invocationRow(invocation, isFresh) {
  const { id, functionName, attempt, retry, acceptedAtMs } = invocation;
  const isSelected = id === selectedId();
  const link = h(
    'a',
    {
      href: `#${encodeURIComponent(id)}`,
      class: 'mono',
      'aria-current': isSelected ? 'true' : undefined,
    },
    shortId(id),
  );
  return h(
    'tr',
    { 'data-key': id, class: rowStyle(isFresh, isSelected) },
    h('td', {}, link),
    h('td', { class: 'mono name' }, functionName),
    h('td', {}, stateLabel(invocation)),
    h('td', { class: 'number wide' }, `${attempt} of ${retry.maxAttempts}`),
    h(
      'td',
      { class: 'soft wide end', title: new Date(acceptedAtMs).toLocaleString() },
      `${age(Date.now() - acceptedAtMs)} ago`,
    ),
  );
}

function rowStyle(isFresh, isSelected) {
  if (isFresh) return 'fresh';
  return isSelected ? 'selected' : undefined;
}

/** Shows why the list is empty, with a button that removes the filters. */
function showEmptyNote({ function: name, state, before }, isEmpty) {
  const isFiltered = name !== '' || state !== '';
  const showAll =
    before === '' && isFiltered
      ? h('button', { 'data-action': 'all-invocations' }, 'Show all')
      : undefined;
  morph(byId('empty'), isEmpty ? [h('p', {}, emptyText(before, isFiltered)), showAll] : []);
}

function emptyText(before, isFiltered) {
  if (before !== '') return 'There are no older ones.';
  if (isFiltered) return 'No invocation matches the filters.';
  return 'Nothing was called yet. Press Invoke, or send a POST to the address of a function.';
}

/** @param olderBefore The last id of this page, if there are older invocations. */
function showPaging({ before }, olderBefore) {
  morph(byId('paging'), [
    before === '' ? undefined : turnButton('newest', 'Newest', ''),
    olderBefore === undefined ? undefined : turnButton('older', 'Older', olderBefore),
  ]);
}

function turnButton(key, text, value) {
  return h('button', { 'data-key': key, 'data-action': 'turn-page', 'data-value': value }, text);
}
