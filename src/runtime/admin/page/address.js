import { states } from './api.js';
import { byId } from './elements.js';

/**
 * The filters of the page and the open invocation are kept in the address: a reload keeps them, and
 * a link with them can be shared.
 */
export function filters() {
  const query = new URLSearchParams(location.search);
  const text = (name) => query.get(name) ?? '';
  return {
    function: text('function'),
    state: states.includes(text('state')) ? text('state') : '',
    level: ['info', 'warn', 'error'].includes(text('level')) ? text('level') : '',
    /** The id of the invocation before the shown page of the list; empty for the first page. */
    before: text('before'),
  };
}

/** The id of the open invocation; empty if none is open. Ids have letters and digits only. */
export const selectedId = () => location.hash.slice(1);

/** Changes a filter, and goes to the first page of the list. */
export function setFilter(name, value) {
  changeQuery({ ...filters(), before: '', [name]: value }, 'replaceState');
}

/** Goes to another page of the list, as a step of the browser's history, so that Back returns. */
export function turnPage(before) {
  changeQuery({ ...filters(), before }, 'pushState');
}

function changeQuery(wanted, historyMethod) {
  const query = new URLSearchParams(
    Object.entries(wanted).filter(([, value]) => value !== ''),
  ).toString();
  const search = query === '' ? '' : `?${query}`;
  history[historyMethod](null, '', `${location.pathname}${search}${location.hash}`);
  showFilters();
}

/** Removes the open invocation from the address. */
export function deselect() {
  history.replaceState(null, '', `${location.pathname}${location.search}`);
}

export function showFilters() {
  const { function: name, state, level } = filters();
  const select = byId('filter-function');
  // The address may contain a function before the first list of functions has arrived.
  if (![...select.options].some(({ value }) => value === name)) select.add(new Option(name, name));
  select.value = name;
  byId('filter-state').value = state;
  byId('filter-level').value = level;
}
