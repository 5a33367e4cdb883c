import { h } from './elements.js';
import { clockTime, shortId, visible } from './format.js';

/** The elements of a log line. The output of a function is untrusted, so it is shown as text only. */
export function logLine(line, { withName = false, withRun = true } = {}) {
  const run = withRun ? runOf(line, withName) : '';
  return [
    h('span', { class: 'soft' }, `${clockTime(line.atMs)} `),
    withName ? h('span', { class: 'name' }, `${line.functionName} `) : undefined,
    h('span', { class: 'soft' }, run),
    h('span', { class: styleOf(line) }, visible(line.text)),
  ];
}

function styleOf({ level, stream }) {
  if (level === 'error' || level === 'warn') return level;
  return stream === 'platform' || level === 'debug' ? 'soft' : '';
}

/**
 * The attempt that printed the line, after the id of its invocation if several invocations are
 * shown.
 */
function runOf({ invocationId, attempt = 1 }, withId) {
  if (invocationId === undefined) return '';
  return `${withId ? shortId(invocationId) : ''}#${attempt} `;
}
