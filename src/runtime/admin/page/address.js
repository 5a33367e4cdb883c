import { byId, states } from './api.js';

/** What is shown stands in the address, so that a reload keeps it and a link to it can be shared. */
export function filters() {
  const query = new URLSearchParams(location.search);
  const text = (name) => query.get(name) ?? '';
  return {
    function: text('function'),
    state: states.includes(text('state')) ? text('state') : '',
    level: ['info', 'warn', 'error'].includes(text('level')) ? text('level') : '',
    /** The page of invocations begins behind this one; empty: with the newest. */
    before: text('before'),
  };
}

/** Another filter is another list, which begins with its newest. */
export function setFilter(name, value) {
  address({ ...filters(), before: '', [name]: value }, 'replaceState');
}

/** A step in the browser's history, so that Back leads to the page before. */
export function turnPage(before) {
  address({ ...filters(), before }, 'pushState');
}

function address(wanted, step) {
  const query = new URLSearchParams(
    Object.entries(wanted).filter(([, value]) => value !== ''),
  ).toString();
  history[step](null, '', `${location.pathname}${query === '' ? '' : `?${query}`}${location.hash}`);
  showFilters();
}

export function showFilters() {
  const { function: name, state, level } = filters();
  const select = byId('filter-function');
  // The address may name one before the first list of functions has come.
  if (![...select.options].some(({ value }) => value === name)) select.add(new Option(name, name));
  select.value = name;
  byId('filter-state').value = state;
  byId('filter-level').value = level;
}
