import { filters, showFilters } from './address.js';
import { states } from './api.js';
import { byId, h, morph } from './elements.js';
import { age, duration } from './format.js';
import { depthPlot, spanOf, throughputPlot } from './plot.js';

/** The number of invocations in a state: of the function `name`, or of all functions. */
export function countOf(functions, state, name = '') {
  return functions.reduce(
    (sum, fn) => sum + (name === '' || fn.name === name ? (fn.counts?.[state] ?? 0) : 0),
    0,
  );
}

/**
 * Shows one tile for each state, with the count over all functions. A press filters the
 * invocations.
 */
export function showTiles(functions) {
  const chosen = filters().state;
  morph(
    byId('tiles'),
    states.map((state) =>
      h(
        'li',
        {},
        h(
          'button',
          {
            class: 'tile',
            'data-action': 'filter-state',
            'data-value': state,
            'aria-pressed': String(chosen === state),
          },
          h('span', { class: `state ${state}` }, state),
          h('span', { class: 'count' }, countOf(functions, state).toLocaleString()),
        ),
      ),
    ),
  );
}

export function showPlots(samples, functions) {
  const nowMs = Date.now();
  const spanMs = spanOf(samples, nowMs);
  // Uses the counts of the tiles, so that tiles and plots agree.
  const now = {
    atMs: nowMs,
    queued: countOf(functions, 'queued'),
    running: countOf(functions, 'running'),
  };
  byId('throughput-heading').textContent = `The last ${spanMs / 60_000} minutes`;
  for (const [id, plot] of [
    ['throughput', throughputPlot],
    ['depth', depthPlot],
  ]) {
    const figure = byId(id);
    morph(figure, plot(samples, { now, spanMs, width: Math.max(240, figure.clientWidth) }));
  }
}

export function showFunctions(functions) {
  const chosen = filters().function;
  showFunctionFilter(
    functions.map(({ name }) => name),
    chosen,
  );
  byId('function-count').textContent = functions.length.toLocaleString();
  byId('no-functions').hidden = functions.length > 0;
  morph(
    byId('functions'),
    functions.map((fn) => functionRow(fn, fn.name === chosen)),
  );
}

function showFunctionFilter(names, chosen) {
  const isUnknown = chosen !== '' && !names.includes(chosen);
  const options = isUnknown ? [...names, chosen] : names;
  morph(byId('filter-function'), [
    h('option', { value: '' }, 'all'),
    ...options.map((name) => h('option', { value: name }, name)),
  ]);
  showFilters();
}

function functionRow(fn, isChosen) {
  const filterButton = h(
    'button',
    {
      class: 'name',
      'data-action': 'filter-function',
      'data-value': fn.name,
      'aria-pressed': String(isChosen),
      title: 'Show its invocations and logs',
    },
    fn.name,
  );
  return h(
    'tr',
    { 'data-key': fn.name, class: isChosen ? 'selected' : undefined },
    h('th', { scope: 'row', class: 'mono' }, filterButton),
    h('td', { class: 'wide' }, h('span', { class: 'tag' }, modeOf(fn))),
    ...['queued', 'running', 'succeeded', 'failed'].map((state) => countCell(fn, state)),
    h('td', { class: 'wide soft' }, fn.oldestDueMs > 0 ? age(fn.oldestDueMs) : ''),
    h('td', { class: 'wide soft' }, fn.nextRun ? nextRun(fn.nextRun) : ''),
    h('td', { class: 'end' }, fn.mode === undefined ? '' : invokeButton(fn.name)),
  );
}

/** The mode of a function. A name in the queue that is not in the manifest has no mode. */
function modeOf({ mode, deliveriesOf }) {
  return mode ?? (deliveriesOf === null ? 'not deployed' : 'deliveries');
}

function countCell(fn, state) {
  const count = fn.counts?.[state] ?? 0;
  const width = state === 'queued' || state === 'succeeded' ? 'wide' : '';
  return h('td', { class: `number ${colourOf(count, state)} ${width}` }, count.toLocaleString());
}

function colourOf(count, state) {
  if (count === 0) return 'zero';
  return state === 'succeeded' ? '' : state;
}

function nextRun(at) {
  return h(
    'span',
    { title: new Date(at).toLocaleString() },
    `in ${duration(Date.parse(at) - Date.now())}`,
  );
}

function invokeButton(name) {
  return h(
    'button',
    { 'data-action': 'open-invoke', 'data-value': name },
    'Invoke',
    h('span', { class: 'unseen' }, ` ${name}`),
  );
}
