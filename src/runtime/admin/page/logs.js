import { filters } from './address.js';
import { byId } from './api.js';
import { h } from './elements.js';
import { logLine } from './invocations.js';

const linesShown = 500;

let source;
let paused = [];

/** Shows log lines as they come, by the filters of the page. */
export function followLogs() {
  source?.close();
  paused = [];
  byId('logs').replaceChildren();
  const { function: name, level } = filters();
  const query = new URLSearchParams({ follow: '1', limit: '200' });
  if (level !== '') query.set('level', level);
  if (name !== '') query.set('function', name);
  byId('logs-of').textContent = name === '' ? '' : `of ${name}`;
  source = new EventSource(`/api/logs?${query}`);
  source.addEventListener('message', ({ data }) => {
    if (byId('pause').checked) paused = [...paused.slice(1 - linesShown), JSON.parse(data)];
    else append([JSON.parse(data)]);
  });
}

/**
 * A browser gives a stream up for good when something else answers for it, such as a proxy while
 * the runtime restarts.
 */
export function keepFollowing() {
  if (source.readyState === EventSource.CLOSED) followLogs();
}

/** What came while the list stood still is shown when it goes on. */
export function resumeLogs() {
  if (byId('pause').checked) return;
  append(paused);
  paused = [];
}

function append(lines) {
  const list = byId('logs');
  const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
  list.append(
    ...lines.map((line) => h('div', { class: 'line' }, ...logLine(line, { withName: true }))),
  );
  while (list.children.length > linesShown) list.firstChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}
