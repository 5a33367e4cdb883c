import { h, s } from './elements.js';
import { clockTime, duration, visible } from './format.js';

/** The width of the time scale, in units of the drawing. */
const scaleWidth = 1000;
/** The smallest width of a bar, at which even the shortest attempt is visible. */
const minBarWidth = 8;

/** The list of an invocation's attempts, each with a bar on one time scale that includes the waits. */
export function attemptTimeline(invocation, attempts) {
  const x = timeScale(invocation, attempts);
  return h(
    'ol',
    { class: 'attempts' },
    ...attempts.map((attempt) => {
      const finishedAtMs = attempt.finishedAtMs ?? Date.now();
      return h(
        'li',
        {},
        h(
          'div',
          { class: 'attempt' },
          h(
            'span',
            { class: `state ${attempt.outcome}` },
            `Attempt ${attempt.number} ${attempt.outcome}`,
          ),
          h(
            'span',
            { class: 'soft' },
            `${clockTime(attempt.startedAtMs)}, ${duration(finishedAtMs - attempt.startedAtMs)}`,
          ),
        ),
        bar(attempt.outcome, x(attempt.startedAtMs), x(finishedAtMs)),
        attempt.error === undefined ? undefined : attemptError(attempt.error),
      );
    }),
  );
}

/** Maps times to the scale, which ends with the last attempt or with the wait for the next attempt. */
function timeScale(invocation, attempts) {
  const fromMs = Math.min(
    invocation.acceptedAtMs,
    ...attempts.map((attempt) => attempt.startedAtMs),
  );
  const waitsUntilMs = invocation.state === 'queued' ? invocation.availableAtMs : 0;
  const untilMs = Math.max(
    ...attempts.map((attempt) => attempt.finishedAtMs ?? Date.now()),
    waitsUntilMs,
    fromMs + 1,
  );
  return (atMs) => ((atMs - fromMs) / (untilMs - fromMs)) * scaleWidth;
}

function bar(outcome, fromX, untilX) {
  const width = Math.max(minBarWidth, untilX - fromX);
  return s(
    'svg',
    { viewBox: `0 0 ${scaleWidth} 8`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    s('rect', { class: 'fill-wait', x: 0, y: 3, width: scaleWidth, height: 2 }),
    s('rect', {
      class: `fill-${outcome}`,
      x: Math.min(fromX, scaleWidth - width),
      y: 0,
      width,
      height: 8,
    }),
  );
}

/** The number of characters to which a longer message is cut until it is opened. */
const summaryLength = 160;

function attemptError(error) {
  const title = visible(`${error.type}: ${error.message}`);
  const [firstLine] = title.split('\n', 1);
  if (error.stack === undefined && title.length <= summaryLength && firstLine === title) {
    return h('p', { class: 'error mono' }, title);
  }
  const summary =
    firstLine.length > summaryLength ? `${firstLine.slice(0, summaryLength)}…` : firstLine;
  return h(
    'details',
    {},
    h('summary', { class: 'mono' }, summary),
    h(
      'pre',
      { class: 'mono', tabindex: '0', 'aria-label': 'Error' },
      visible(error.stack ?? title),
    ),
  );
}
