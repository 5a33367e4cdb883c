import { filters, showFilters } from './address.js';
import { byId, states } from './api.js';
import { age, duration, h, morph } from './elements.js';
import { depthPlot, spanOf, throughputPlot } from './plot.js';

/** Over all functions, or of one. */
export function countOf(functions, state, name = '') {
  return functions.reduce(
    (sum, fn) => sum + (name === '' || fn.name === name ? (fn.counts?.[state] ?? 0) : 0),
    0,
  );
}

/** One tile a state, over all functions; a press shows the invocations in it. */
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
  // What the tiles say, so that both say the same.
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
  const names = functions.map(({ name }) => name);
  morph(byId('filter-function'), [
    h('option', { value: '' }, 'all'),
    ...[...names, ...(chosen === '' || names.includes(chosen) ? [] : [chosen])].map((name) =>
      h('option', { value: name }, name),
    ),
  ]);
  showFilters();
  byId('function-count').textContent = functions.length.toLocaleString();
  byId('no-functions').hidden = functions.length > 0;
  morph(
    byId('functions'),
    functions.map((fn) =>
      h(
        'tr',
        { 'data-key': fn.name, class: fn.name === chosen ? 'selected' : undefined },
        h(
          'th',
          { scope: 'row', class: 'mono' },
          h(
            'button',
            {
              class: 'name',
              'data-action': 'filter-function',
              'data-value': fn.name,
              'aria-pressed': String(fn.name === chosen),
              title: 'Show its invocations and logs',
            },
            fn.name,
          ),
        ),
        h('td', { class: 'wide' }, h('span', { class: 'tag' }, modeOf(fn))),
        ...['queued', 'running', 'succeeded', 'failed'].map((state) => countCell(fn, state)),
        h('td', { class: 'wide soft' }, fn.oldestDueMs > 0 ? age(fn.oldestDueMs) : ''),
        h(
          'td',
          { class: 'wide soft' },
          fn.nextRun
            ? h(
                'span',
                { title: new Date(fn.nextRun).toLocaleString() },
                `in ${duration(Date.parse(fn.nextRun) - Date.now())}`,
              )
            : '',
        ),
        h(
          'td',
          { class: 'end' },
          fn.mode !== undefined
            ? h(
                'button',
                { 'data-action': 'open-invoke', 'data-value': fn.name },
                'Invoke',
                h('span', { class: 'unseen' }, ` ${fn.name}`),
              )
            : '',
        ),
      ),
    ),
  );
}

/** What is in the queue and in no manifest has no mode. */
function modeOf({ mode, deliveriesOf }) {
  return mode ?? (deliveriesOf === null ? 'not deployed' : 'deliveries');
}

function countCell(fn, state) {
  const count = fn.counts?.[state] ?? 0;
  const colour = count === 0 ? 'zero' : state === 'succeeded' ? '' : state;
  return h(
    'td',
    { class: `number ${colour} ${state === 'queued' || state === 'succeeded' ? 'wide' : ''}` },
    count.toLocaleString(),
  );
}
