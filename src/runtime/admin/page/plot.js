import { h, s } from './elements.js';
import { clockTime } from './format.js';

const height = 150;
const margin = { left: 40, right: 20, top: 10, bottom: 22 };
const minuteMs = 60_000;
/**
 * The spans of the plots, of which the shortest that contains all samples is used. A plot has 60
 * bars, and a time under every tick.
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

/** Stacked bars of the succeeded and failed attempts. `width` is in CSS pixels. */
export function throughputPlot(samples, { now, spanMs, width }) {
  const axes = axesOf(now.atMs, spanMs, width);
  const bars = gather(samples, axes);
  const most = niceMax(Math.max(...bars.map((bar) => bar.succeeded + bar.failed)));
  const total = (outcome) => bars.reduce((sum, bar) => sum + bar[outcome], 0).toLocaleString();
  const succeeded = `${total('succeeded')} succeeded`;
  const failed = `${total('failed')} failed`;
  const { barText } = spans.find((one) => one.spanMs === spanMs);
  const ended = bars.filter((bar) => bar.succeeded + bar.failed > 0);
  return [
    figcaption(`Attempts per ${barText}`, { succeeded, failed }),
    drawing(axes, {
      max: most,
      label: `Attempts: ${succeeded}, ${failed}`,
      content: ended.map((bar) => stackedBar(bar, axes, most)),
    }),
  ];
}

function stackedBar({ atMs, succeeded, failed }, axes, most) {
  const time = `${clockTime(atMs)}–${clockTime(atMs + axes.barMs)}`;
  const column = (outcome, from, to) => {
    if (to <= from) return undefined;
    const y = axes.y(to, most);
    return s('rect', {
      class: `fill-${outcome}`,
      x: axes.x(atMs) + 1,
      width: axes.innerWidth / barCount - 2,
      y,
      height: axes.y(from, most) - y,
      rx: 1,
    });
  };
  return s(
    'g',
    {},
    s('title', {}, `${time}: ${succeeded} succeeded, ${failed} failed`),
    column('succeeded', 0, succeeded),
    column('failed', succeeded, succeeded + failed),
  );
}

/** Areas of the queued and running invocations. `width` is in CSS pixels. */
export function depthPlot(samples, { now, spanMs, width }) {
  const axes = axesOf(now.atMs, spanMs, width);
  const shown = [...samples.filter((sample) => sample.atMs >= axes.fromMs), now];
  const most = (state) => Math.max(...shown.map((sample) => sample[state]));
  const deepest = niceMax(Math.max(most('queued'), most('running')));
  const queued = `${now.queued.toLocaleString()} queued`;
  const running = `${now.running.toLocaleString()} running`;
  const atMost = `at most ${most('queued').toLocaleString()} queued`;
  const areas = ['queued', 'running'].flatMap((state) => area(state, shown, axes, deepest));
  return [
    figcaption('In the queue', { queued, running }),
    drawing(axes, {
      max: deepest,
      label: `Queue: ${queued} and ${running} now, ${atMost}`,
      content: shown.length > 1 ? areas : [],
    }),
  ];
}

function area(state, samples, axes, deepest) {
  const x = (sample) => axes.x(sample.atMs).toFixed(1);
  const points = samples.map(
    (sample) => `${x(sample)},${axes.y(sample[state], deepest).toFixed(1)}`,
  );
  const line = points.join(' ');
  const base = axes.y(0, deepest);
  return [
    s('polygon', {
      class: `area-${state}`,
      points: `${x(samples[0])},${base} ${line} ${x(samples.at(-1))},${base}`,
    }),
    s('polyline', { class: `line-${state}`, points: line }),
  ];
}

/** @param texts The text of each state, by the name of the state. */
function figcaption(title, texts) {
  return h(
    'figcaption',
    {},
    h('span', { class: 'title' }, title),
    ...Object.entries(texts).map(([state, text]) => h('span', { class: `state ${state}` }, text)),
  );
}

/** The axes of a plot. The time axis advances by whole bars, so that the drawing rarely changes. */
function axesOf(nowMs, spanMs, width) {
  const innerWidth = width - margin.left - margin.right;
  const barMs = spanMs / barCount;
  const fromMs = Math.ceil(nowMs / barMs) * barMs - spanMs;
  return {
    width,
    innerWidth,
    fromMs,
    spanMs,
    barMs,
    x: (atMs) => margin.left + ((atMs - fromMs) / spanMs) * innerWidth,
    y: (value, max) =>
      height - margin.bottom - (value / max) * (height - margin.top - margin.bottom),
  };
}

function drawing(axes, { max, label, content }) {
  return s(
    'svg',
    {
      viewBox: `0 0 ${axes.width} ${height}`,
      width: axes.width,
      height,
      role: 'img',
      'aria-label': label,
    },
    ...[0, 0.5, 1].flatMap((part) => gridLine(axes, part, max)),
    ...tickTimes(axes).flatMap((atMs) => timeTick(axes, atMs)),
    ...content,
  );
}

/** A horizontal line with its number, at `part` of the height. */
function gridLine(axes, part, max) {
  const y = axes.y(part, 1);
  return [
    s('line', {
      class: part === 0 ? 'base' : 'grid',
      x1: margin.left,
      x2: axes.width - margin.right,
      y1: y,
      y2: y,
    }),
    s(
      'text',
      { class: 'axis', x: margin.left - 8, y: y + 4, 'text-anchor': 'end' },
      compact.format(max * part),
    ),
  ];
}

function tickTimes({ fromMs, spanMs }) {
  const { tickMs } = spans.find((one) => one.spanMs === spanMs);
  const firstTickMs = Math.ceil(fromMs / tickMs) * tickMs;
  const count = Math.floor((fromMs + spanMs - firstTickMs) / tickMs) + 1;
  return Array.from({ length: count }, (_, index) => firstTickMs + index * tickMs);
}

function timeTick(axes, atMs) {
  const x = axes.x(atMs);
  const base = axes.y(0, 1);
  return [
    s('line', { class: 'base', x1: x, x2: x, y1: base, y2: base + 4 }),
    s(
      'text',
      { class: 'axis', x, y: height - 5, 'text-anchor': 'middle' },
      clockTime(atMs, 'minutes'),
    ),
  ];
}

/** Adds up the samples to counts of attempts, one for each bar. */
function gather(samples, { fromMs, barMs }) {
  const bars = Array.from({ length: barCount }, (_, index) => ({
    atMs: fromMs + index * barMs,
    succeeded: 0,
    failed: 0,
  }));
  for (const sample of samples) {
    // A sample counts the interval that ends at its time.
    const bar = bars[Math.floor((sample.atMs - 1 - fromMs) / barMs)];
    if (bar === undefined) continue;
    bar.succeeded += sample.succeeded;
    bar.failed += sample.failed;
  }
  return bars;
}

/** The next number of the series 2, 4, 10, 20, 40, 100 …, whose halves are whole numbers. */
function niceMax(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return [2, 4, 10, 20].map((step) => step * power).find((candidate) => candidate >= value);
}
