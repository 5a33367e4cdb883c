import { byId, states } from './api.js';
import { age, duration, h, morph } from './elements.js';
import { depthPlot, spanOf, throughputPlot } from './plot.js';

/** One tile a state, over all functions; a press shows the invocations in it. */
export function showTiles(functions) {
  const chosen = byId('filter-state').value;
  morph(byId('tiles'), states.map((state) => {
    const count = functions.reduce((sum, fn) => sum + (fn.counts?.[state] ?? 0), 0);
    return h('li', {}, h('button', { class: 'tile', 'data-action': 'filter-state', 'data-value': state, 'aria-pressed': String(chosen === state) },
      h('span', { class: `state ${state}` }, state), h('span', { class: 'count' }, count.toLocaleString())));
  }));
}

export function showPlots(samples) {
  const nowMs = Date.now();
  const spanMs = spanOf(samples, nowMs);
  byId('throughput-heading').textContent = `The last ${spanMs / 60_000} minutes`;
  for (const [id, plot] of [['throughput', throughputPlot], ['depth', depthPlot]]) {
    const figure = byId(id);
    morph(figure, plot(samples, { nowMs, spanMs, width: Math.max(240, figure.clientWidth) }));
  }
}

export function showFunctions(functions) {
  const select = byId('filter-function');
  const chosen = select.value;
  morph(select, [h('option', { value: '' }, 'all'), ...functions.map(({ name }) => h('option', { value: name }, name))]);
  if (select.value !== chosen) select.value = functions.some(({ name }) => name === chosen) ? chosen : '';
  byId('no-functions').hidden = functions.length > 0;
  morph(byId('functions'), functions.map((fn) => h('tr', { 'data-key': fn.name },
    h('th', { scope: 'row', class: 'mono' }, fn.name),
    h('td', { class: 'wide' }, h('span', { class: 'tag' }, fn.mode)),
    ...['queued', 'running', 'succeeded', 'failed'].map((state) => countCell(fn, state)),
    h('td', { class: 'wide soft' }, fn.oldestDueMs > 0 ? age(fn.oldestDueMs) : ''),
    h('td', { class: 'wide soft' }, fn.nextRun === null ? '' : `in ${duration(Date.parse(fn.nextRun) - Date.now())}`),
    h('td', { class: 'end' }, h('button', { 'data-action': 'open-invoke', 'data-value': fn.name }, 'Invoke', h('span', { class: 'unseen' }, ` ${fn.name}`))),
  )));
}

function countCell(fn, state) {
  const count = fn.counts?.[state] ?? 0;
  const colour = count === 0 ? 'zero' : state === 'succeeded' ? '' : state;
  return h('td', { class: `number ${colour} ${state === 'queued' || state === 'succeeded' ? 'wide' : ''}` }, count.toLocaleString());
}
