import { clockTime, duration, h, s } from './elements.js';
import { plot } from './plot.js';

const refreshMs = 2_000;
const logLinesShown = 500;
const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];
const $ = (id) => document.getElementById(id);

/** Which invocation is open; empty: none. It stands in the address, so that a link to it can be shared. */
const selection = { get id() { return decodeURIComponent(location.hash.slice(1)); } };
let known = new Set();

async function api(path, options) {
  const response = await fetch(path, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.errorMessage ?? `${response.status}`);
  return body;
}

async function refresh() {
  try {
    const query = new URLSearchParams({ limit: '100' });
    if ($('filter-function').value !== '') query.set('function', $('filter-function').value);
    if ($('filter-state').value !== '') query.set('state', $('filter-state').value);
    const [{ functions }, { invocations }, { samples }] = await Promise.all([api('/api/functions'), api(`/api/invocations?${query}`), api('/api/history')]);
    showTotals(functions);
    showFunctions(functions);
    showInvocations(invocations);
    $('plot').replaceChildren(...plot(samples, Date.now()));
    if (selection.id !== '') await showDetail(selection.id);
    $('connection').textContent = '';
  } catch (error) {
    $('connection').textContent = error instanceof TypeError ? 'The runtime does not answer.' : error.message;
  }
}

function showTotals(functions) {
  const entries = states.map((state) => [state, functions.reduce((sum, fn) => sum + (fn.counts?.[state] ?? 0), 0)]);
  $('totals').replaceChildren(...entries.map(([state, count]) => h('div', {}, h('dt', { class: state }, state), h('dd', {}, String(count)))));
}

function showFunctions(functions) {
  const select = $('filter-function');
  const names = functions.map((fn) => fn.name);
  if (names.join() !== Array.from(select.options, (option) => option.value).slice(1).join()) {
    const chosen = select.value;
    select.replaceChildren(h('option', { value: '' }, 'all'), ...names.map((name) => h('option', { value: name }, name)));
    select.value = names.includes(chosen) ? chosen : '';
  }
  replaceKeepingFocus($('functions'), functions.map((fn) => h(
    'tr', {},
    h('th', { scope: 'row', class: 'mono' }, fn.name),
    h('td', { class: fn.mode === 'background' ? 'running' : 'soft' }, fn.mode),
    ...['queued', 'running', 'succeeded', 'failed'].map((state) => h('td', { class: `number ${fn.counts?.[state] > 0 && state === 'failed' ? 'failed' : ''}` }, String(fn.counts?.[state] ?? 0))),
    h('td', { class: 'soft' }, fn.oldestDueMs > 0 ? duration(fn.oldestDueMs) : ''),
    h('td', { class: 'soft' }, fn.nextRun === null ? '' : `in ${duration(Date.parse(fn.nextRun) - Date.now())}`),
    h('td', {}, h('button', { 'data-key': `invoke ${fn.name}`, onclick: () => openInvoke(fn.name) }, 'Invoke', h('span', { class: 'unseen' }, ` ${fn.name}`))),
  )));
}

function showInvocations(invocations) {
  const before = known;
  known = new Set(invocations.map(({ id }) => id));
  $('empty').hidden = invocations.length > 0;
  replaceKeepingFocus($('list'), invocations.map((invocation) => h(
    'tr', { class: before.size > 0 && !before.has(invocation.id) ? 'fresh' : '' },
    h('td', {}, h('a', { href: `#${encodeURIComponent(invocation.id)}`, class: 'mono', 'data-key': invocation.id, 'aria-current': invocation.id === selection.id ? 'true' : undefined }, invocation.id.slice(-8))),
    h('td', { class: 'mono' }, invocation.functionName),
    h('td', {}, stateOf(invocation)),
    h('td', { class: 'number' }, `${invocation.attempt}/${invocation.retry.maxAttempts}`),
    h('td', { class: 'soft' }, `${duration(Date.now() - invocation.acceptedAtMs)} ago`),
  )));
}

function stateOf(invocation) {
  const due = invocation.state === 'queued' && invocation.availableAtMs > Date.now() ? `, due in ${duration(invocation.availableAtMs - Date.now())}` : '';
  return h('span', { class: `state ${invocation.state}` }, invocation.state + due);
}

async function showDetail(id) {
  const [{ invocation, attempts }, { lines }] = await Promise.all([api(`/api/invocations/${encodeURIComponent(id)}`), api(`/api/logs?invocation=${encodeURIComponent(id)}&limit=200`)]);
  if (id !== selection.id) return;
  const canRetry = invocation.state === 'failed' || invocation.state === 'cancelled';
  const canCancel = invocation.state === 'queued' || invocation.state === 'running';
  const detail = $('detail');
  const scrolled = detail.querySelector('.log')?.scrollTop;
  replaceKeepingFocus(detail, [
    h('div', { class: 'bar' }, h('h3', {}, invocation.functionName), stateOf(invocation), h('button', { class: 'link', 'data-key': 'close', onclick: closeDetail }, 'Close')),
    h('p', { class: 'soft mono' }, invocation.id),
    h('div', { class: 'bar' },
      canRetry ? h('button', { class: 'primary', 'data-key': 'retry', onclick: () => change(id, 'retry') }, 'Retry') : undefined,
      canCancel ? h('button', { 'data-key': 'cancel', onclick: () => change(id, 'cancel') }, 'Cancel') : undefined,
      h('span', { class: 'soft' }, `accepted at ${clockTime(invocation.acceptedAtMs)}`)),
    timeline(invocation, attempts),
    h('ol', { class: 'log small', tabindex: '0', 'aria-label': 'Log lines of this invocation' }, ...lines.map((line) => logItem(line, false))),
  ]);
  if (scrolled !== undefined) detail.querySelector('.log').scrollTop = scrolled;
  detail.hidden = false;
}

/** Each attempt with a bar on the time scale of the whole invocation. */
function timeline(invocation, attempts) {
  const endMs = Math.max(...attempts.map((attempt) => attempt.finishedAtMs ?? Date.now()), invocation.acceptedAtMs + 1);
  const spanMs = endMs - invocation.acceptedAtMs;
  const x = (atMs) => ((atMs - invocation.acceptedAtMs) / spanMs) * 1000;
  return h('ol', { class: 'attempts' }, ...attempts.map((attempt) => {
    const finishedAtMs = attempt.finishedAtMs ?? Date.now();
    return h('li', {},
      h('span', { class: `state ${attempt.outcome}` }, `attempt ${attempt.number} ${attempt.outcome}`),
      h('span', { class: 'soft' }, ` at ${clockTime(attempt.startedAtMs)}, ${duration(finishedAtMs - attempt.startedAtMs)}`),
      s('svg', { viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
        s('rect', { class: 'fill-wait', x: 0, y: 4, width: 1000, height: 2 }),
        s('rect', { class: `fill-${attempt.outcome}`, x: Math.min(x(attempt.startedAtMs), 994), y: 0, width: Math.max(6, x(finishedAtMs) - x(attempt.startedAtMs)), height: 10 })),
      attempt.error === undefined ? undefined : h('pre', { class: 'mono' }, attempt.error.stack ?? `${attempt.error.type}: ${attempt.error.message}`));
  }));
}

async function change(id, action) {
  try {
    await api(`/api/invocations/${encodeURIComponent(id)}/${action}`, { method: 'POST' });
  } catch (error) {
    $('connection').textContent = error.message;
  }
  await refresh();
}

function closeDetail() {
  const id = selection.id;
  history.replaceState(null, '', ' ');
  $('detail').hidden = true;
  document.querySelector(`[data-key="${CSS.escape(id)}"]`)?.focus();
}

/** Rows are made anew at every refresh; who navigates by keyboard stays where they were. */
function replaceKeepingFocus(parent, children) {
  const key = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  parent.replaceChildren(...children);
  if (key !== undefined) parent.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

let invokeTarget = '';

function openInvoke(name) {
  invokeTarget = name;
  $('invoke-heading').textContent = `Invoke ${name}`;
  $('invoke-result').textContent = '';
  $('invoke').showModal();
}

async function invoke(name) {
  try {
    const body = JSON.stringify({ headers: { 'content-type': 'application/json' }, body: $('payload').value });
    const { id } = await api(`/api/functions/${encodeURIComponent(name)}/invoke`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    $('invoke').close();
    location.hash = id;
  } catch (error) {
    $('invoke-result').textContent = error.message;
  }
}

function logItem(line, withName) {
  const run = line.invocationId === undefined ? '' : `${line.invocationId.slice(-8)}#${line.attempt ?? 1} `;
  const kind = line.level === 'error' || line.level === 'warn' ? line.level : line.stream === 'platform' ? 'platform' : '';
  return h('li', {}, h('span', { class: 'soft' }, `${clockTime(line.atMs)} `), withName ? h('span', { class: 'name' }, `${line.functionName} `) : undefined, h('span', { class: 'soft' }, run), h('span', { class: kind }, line.text));
}

let source;
function followLogs() {
  source?.close();
  const list = $('logs');
  list.replaceChildren();
  const query = new URLSearchParams({ follow: '1', limit: '200' });
  if ($('filter-level').value !== '') query.set('level', $('filter-level').value);
  if ($('filter-function').value !== '') query.set('function', $('filter-function').value);
  source = new EventSource(`/api/logs?${query}`);
  source.addEventListener('message', ({ data }) => {
    if ($('pause').checked) return;
    const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
    list.append(logItem(JSON.parse(data), true));
    while (list.children.length > logLinesShown) list.firstChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
  });
}

$('invoke-send').addEventListener('click', () => void invoke(invokeTarget));
$('filter-function').addEventListener('change', () => { followLogs(); void refresh(); });
$('filter-state').addEventListener('change', () => void refresh());
$('filter-level').addEventListener('change', followLogs);
addEventListener('hashchange', () => void refresh());

followLogs();
await refresh();
for (;;) {
  await new Promise((resolve) => { setTimeout(resolve, refreshMs); });
  if (!document.hidden) await refresh();
}
