import { filters } from './address.js';
import { byId, h } from './elements.js';
import { logLine } from './log-line.js';

const maxLines = 500;

let source;
/** The lines that arrived while the log was paused. */
let held = [];

/** Shows the log lines that match the filters of the page, as they arrive. */
export function followLogs() {
  source?.close();
  held = [];
  byId('logs').replaceChildren();
  const { function: name, level } = filters();
  const query = new URLSearchParams({ follow: '1', limit: '200' });
  if (level !== '') query.set('level', level);
  if (name !== '') query.set('function', name);
  byId('logs-of').textContent = name === '' ? '' : `of ${name}`;
  source = new EventSource(`/api/logs?${query}`);
  source.addEventListener('message', ({ data }) => {
    if (byId('pause').checked) held = [...held.slice(1 - maxLines), JSON.parse(data)];
    else append([JSON.parse(data)]);
  });
}

/**
 * Opens the stream again if the browser has given it up. A browser does that if another server
 * answers, such as a proxy while the runtime restarts.
 */
export function keepFollowing() {
  if (source.readyState === EventSource.CLOSED) followLogs();
}

/** Shows the held lines if the log is no longer paused. */
export function resumeLogs() {
  if (byId('pause').checked) return;
  append(held);
  held = [];
}

function append(lines) {
  const list = byId('logs');
  const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
  list.append(
    ...lines.map((line) => h('div', { class: 'line' }, ...logLine(line, { withName: true }))),
  );
  while (list.children.length > maxLines) list.firstChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}
