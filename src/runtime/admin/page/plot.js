import { clockTime, h, s } from './elements.js';

const height = 150;
const margin = { left: 40, right: 12, top: 10, bottom: 22 };
const minuteMs = 60_000;
/** The plots show the shortest of these that everything fits into. */
const spansMs = [5 * minuteMs, 15 * minuteMs, 60 * minuteMs];
const barPitch = 9;

/** The span that the plots cover, ms. */
export function spanOf(samples, nowMs) {
  const since = nowMs - (samples[0]?.atMs ?? nowMs);
  return spansMs.find((span) => span >= since) ?? spansMs.at(-1);
}

/** Attempts that ended, as stacked bars: how many succeeded, how many failed. `width` is in CSS pixels. */
export function throughputPlot(samples, { nowMs, spanMs, width }) {
  const axes = axesOf(nowMs, spanMs, width);
  const count = Math.max(10, Math.floor(axes.innerWidth / barPitch));
  const bars = gather(samples, axes.fromMs, spanMs / count, count);
  const most = niceMax(Math.max(...bars.map((bar) => bar.succeeded + bar.failed)));
  const total = (key) => samples.reduce((sum, sample) => sum + sample[key], 0);
  const column = (bar, from, to, kind) => {
    if (to <= from) return undefined;
    const y = axes.y(to, most);
    return s('rect', { class: `fill-${kind}`, x: axes.x(bar.atMs) + 1, width: axes.innerWidth / count - 2, y, height: axes.y(from, most) - y, rx: 1 });
  };
  const content = bars.flatMap((bar) => {
    if (bar.succeeded + bar.failed === 0) return [];
    const label = `${clockTime(bar.atMs)}: ${bar.succeeded} succeeded, ${bar.failed} failed`;
    return [s('g', {}, s('title', {}, label), column(bar, 0, bar.succeeded, 'succeeded'), column(bar, bar.succeeded, bar.succeeded + bar.failed, 'failed'))];
  });
  return [
    figcaption('Attempts', [
      ['succeeded', `${total('succeeded')} succeeded`],
      ['failed', `${total('failed')} failed`],
    ]),
    drawing(axes, most, content, `Attempts: ${total('succeeded')} succeeded, ${total('failed')} failed`),
  ];
}

/** How many invocations were waiting and running. */
export function depthPlot(samples, { nowMs, spanMs, width }) {
  const axes = axesOf(nowMs, spanMs, width);
  const shown = samples.filter((sample) => sample.atMs >= axes.fromMs);
  const deepest = niceMax(Math.max(0, ...shown.map((sample) => Math.max(sample.queued, sample.running))));
  const points = (key) => shown.map((sample) => `${axes.x(sample.atMs).toFixed(1)},${axes.y(sample[key], deepest).toFixed(1)}`);
  const area = (key) => {
    const line = points(key);
    const base = axes.y(0, deepest);
    const first = axes.x(shown[0].atMs).toFixed(1);
    const last = axes.x(shown.at(-1).atMs).toFixed(1);
    return [
      s('polygon', { class: `area-${key}`, points: `${first},${base} ${line.join(' ')} ${last},${base}` }),
      s('polyline', { class: `line-${key}`, points: line.join(' ') }),
    ];
  };
  const now = samples.at(-1);
  return [
    figcaption('Queue', [
      ['queued', `${now?.queued ?? 0} queued`],
      ['running', `${now?.running ?? 0} running`],
    ]),
    drawing(axes, deepest, shown.length > 1 ? [...area('queued'), ...area('running')] : [], `Queue: ${now?.queued ?? 0} queued and ${now?.running ?? 0} running now, at most ${Math.max(0, ...shown.map((sample) => sample.queued))} queued`),
  ];
}

function figcaption(title, entries) {
  return h('figcaption', {}, h('span', { class: 'title' }, title), ...entries.map(([kind, text]) => h('span', { class: `state ${kind}` }, text)));
}

function axesOf(nowMs, spanMs, width) {
  const innerWidth = width - margin.left - margin.right;
  const fromMs = nowMs - spanMs;
  return {
    width,
    innerWidth,
    fromMs,
    spanMs,
    x: (atMs) => margin.left + ((atMs - fromMs) / spanMs) * innerWidth,
    y: (value, max) => height - margin.bottom - (value / max) * (height - margin.top - margin.bottom),
  };
}

function drawing(axes, max, content, label) {
  // Whole minutes apart, whatever the span.
  const ticks = axes.spanMs === 60 * minuteMs ? 6 : 5;
  const anchor = (tick) => (tick === 0 ? 'start' : tick === ticks ? 'end' : 'middle');
  return s(
    'svg',
    { viewBox: `0 0 ${axes.width} ${height}`, width: axes.width, height, role: 'img', 'aria-label': label },
    ...[0, 0.5, 1].flatMap((part) => [
      s('line', { class: part === 0 ? 'base' : 'grid', x1: margin.left, x2: axes.width - margin.right, y1: axes.y(part, 1), y2: axes.y(part, 1) }),
      s('text', { class: 'axis', x: margin.left - 8, y: axes.y(part, 1) + 4, 'text-anchor': 'end' }, String(max * part)),
    ]),
    ...Array.from({ length: ticks + 1 }, (_, tick) => {
      const atMs = axes.fromMs + (tick * axes.spanMs) / ticks;
      return s('text', { class: 'axis', x: axes.x(atMs), y: height - 5, 'text-anchor': anchor(tick) }, clockTime(atMs, 'minutes'));
    }),
    ...content,
  );
}

function gather(samples, fromMs, stepMs, count) {
  const bars = Array.from({ length: count }, (_, index) => ({ atMs: fromMs + index * stepMs, succeeded: 0, failed: 0 }));
  for (const sample of samples) {
    // A sample tells of the time before it.
    const bar = bars[Math.min(count - 1, Math.floor((sample.atMs - 1 - fromMs) / stepMs))];
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
