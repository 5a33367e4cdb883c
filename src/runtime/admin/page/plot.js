import { clockTime, h, s } from './elements.js';

const height = 150;
const margin = { left: 40, right: 20, top: 10, bottom: 22 };
const minuteMs = 60_000;
/**
 * The plots show the shortest of these that everything fits into; each has 60 bars, and a time
 * under every fifth or tenth part of it.
 */
const spans = [
  { spanMs: 5 * minuteMs, tickMs: minuteMs, barText: '5 s' },
  { spanMs: 15 * minuteMs, tickMs: 3 * minuteMs, barText: '15 s' },
  { spanMs: 60 * minuteMs, tickMs: 10 * minuteMs, barText: 'minute' },
];
const barCount = 60;
const compact = new Intl.NumberFormat('en', { notation: 'compact' });

/** The span that the plots cover, ms. */
export function spanOf(samples, nowMs) {
  const since = nowMs - (samples[0]?.atMs ?? nowMs);
  return (spans.find(({ spanMs }) => spanMs >= since) ?? spans.at(-1)).spanMs;
}

/**
 * Attempts that ended, as stacked bars: how many succeeded, how many failed. `width` is in CSS
 * pixels.
 */
export function throughputPlot(samples, { now, spanMs, width }) {
  const axes = axesOf(now.atMs, spanMs, width);
  const barMs = spanMs / barCount;
  const bars = gather(samples, axes.fromMs, barMs);
  const most = niceMax(Math.max(...bars.map((bar) => bar.succeeded + bar.failed)));
  const total = (key) => bars.reduce((sum, bar) => sum + bar[key], 0).toLocaleString();
  const column = (bar, from, to, kind) => {
    if (to <= from) return undefined;
    const y = axes.y(to, most);
    return s('rect', {
      class: `fill-${kind}`,
      x: axes.x(bar.atMs) + 1,
      width: axes.innerWidth / barCount - 2,
      y,
      height: axes.y(from, most) - y,
      rx: 1,
    });
  };
  const content = bars.flatMap((bar) => {
    if (bar.succeeded + bar.failed === 0) return [];
    const label = `${clockTime(bar.atMs)}–${clockTime(bar.atMs + barMs)}: ${bar.succeeded} succeeded, ${bar.failed} failed`;
    return [
      s(
        'g',
        {},
        s('title', {}, label),
        column(bar, 0, bar.succeeded, 'succeeded'),
        column(bar, bar.succeeded, bar.succeeded + bar.failed, 'failed'),
      ),
    ];
  });
  const { barText } = spans.find((one) => one.spanMs === spanMs);
  return [
    figcaption(`Attempts per ${barText}`, [
      ['succeeded', `${total('succeeded')} succeeded`],
      ['failed', `${total('failed')} failed`],
    ]),
    drawing(
      axes,
      most,
      content,
      `Attempts: ${total('succeeded')} succeeded, ${total('failed')} failed`,
    ),
  ];
}

/** How many invocations were waiting and running. */
export function depthPlot(samples, { now, spanMs, width }) {
  const axes = axesOf(now.atMs, spanMs, width);
  const shown = [...samples.filter((sample) => sample.atMs >= axes.fromMs), now];
  const most = (key) => Math.max(...shown.map((sample) => sample[key]));
  const deepest = niceMax(Math.max(most('queued'), most('running')));
  const area = (key) => {
    const line = shown
      .map(
        (sample) => `${axes.x(sample.atMs).toFixed(1)},${axes.y(sample[key], deepest).toFixed(1)}`,
      )
      .join(' ');
    const base = axes.y(0, deepest);
    return [
      s('polygon', {
        class: `area-${key}`,
        points: `${axes.x(shown[0].atMs).toFixed(1)},${base} ${line} ${axes.x(now.atMs).toFixed(1)},${base}`,
      }),
      s('polyline', { class: `line-${key}`, points: line }),
    ];
  };
  const text = (key) => `${now[key].toLocaleString()} ${key}`;
  return [
    figcaption('In the queue', [
      ['queued', text('queued')],
      ['running', text('running')],
    ]),
    drawing(
      axes,
      deepest,
      shown.length > 1 ? [...area('queued'), ...area('running')] : [],
      `Queue: ${text('queued')} and ${text('running')} now, at most ${most('queued').toLocaleString()} queued`,
    ),
  ];
}

function figcaption(title, entries) {
  return h(
    'figcaption',
    {},
    h('span', { class: 'title' }, title),
    ...entries.map(([kind, text]) => h('span', { class: `state ${kind}` }, text)),
  );
}

/** The time axis moves on by whole bars, so that what is drawn stands still between. */
function axesOf(nowMs, spanMs, width) {
  const innerWidth = width - margin.left - margin.right;
  const barMs = spanMs / barCount;
  const fromMs = Math.ceil(nowMs / barMs) * barMs - spanMs;
  return {
    width,
    innerWidth,
    fromMs,
    spanMs,
    x: (atMs) => margin.left + ((atMs - fromMs) / spanMs) * innerWidth,
    y: (value, max) =>
      height - margin.bottom - (value / max) * (height - margin.top - margin.bottom),
  };
}

function drawing(axes, max, content, label) {
  const { tickMs } = spans.find(({ spanMs }) => spanMs === axes.spanMs);
  const firstTickMs = Math.ceil(axes.fromMs / tickMs) * tickMs;
  const ticks = Array.from(
    { length: Math.floor((axes.fromMs + axes.spanMs - firstTickMs) / tickMs) + 1 },
    (_, index) => firstTickMs + index * tickMs,
  );
  return s(
    'svg',
    {
      viewBox: `0 0 ${axes.width} ${height}`,
      width: axes.width,
      height,
      role: 'img',
      'aria-label': label,
    },
    ...[0, 0.5, 1].flatMap((part) => [
      s('line', {
        class: part === 0 ? 'base' : 'grid',
        x1: margin.left,
        x2: axes.width - margin.right,
        y1: axes.y(part, 1),
        y2: axes.y(part, 1),
      }),
      s(
        'text',
        { class: 'axis', x: margin.left - 8, y: axes.y(part, 1) + 4, 'text-anchor': 'end' },
        compact.format(max * part),
      ),
    ]),
    ...ticks.flatMap((atMs) => [
      s('line', {
        class: 'base',
        x1: axes.x(atMs),
        x2: axes.x(atMs),
        y1: axes.y(0, 1),
        y2: axes.y(0, 1) + 4,
      }),
      s(
        'text',
        { class: 'axis', x: axes.x(atMs), y: height - 5, 'text-anchor': 'middle' },
        clockTime(atMs, 'minutes'),
      ),
    ]),
    ...content,
  );
}

function gather(samples, fromMs, barMs) {
  const bars = Array.from({ length: barCount }, (_, index) => ({
    atMs: fromMs + index * barMs,
    succeeded: 0,
    failed: 0,
  }));
  for (const sample of samples) {
    // A sample tells of the time before it.
    const bar = bars[Math.floor((sample.atMs - 1 - fromMs) / barMs)];
    if (bar === undefined) continue;
    bar.succeeded += sample.succeeded;
    bar.failed += sample.failed;
  }
  return bars;
}

/** The next number of the form 2, 4, 10, 20, 40, 100 …: half of it is whole. */
function niceMax(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [2, 4, 10, 20].map((step) => step * power).find((candidate) => candidate >= value);
}
