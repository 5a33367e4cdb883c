import { clockTime, h, s } from './elements.js';

const width = 1200;
const height = 180;
const margin = { left: 44, right: 44, top: 10, bottom: 22 };
const hourMs = 3_600_000;
/** Samples are gathered into this many bars. */
const barCount = 120;

/** The last hour: attempts that ended as bars (left scale), the depth of the queue as a line (right scale). */
export function plot(samples, nowMs) {
  const fromMs = nowMs - hourMs;
  const bars = gather(samples, fromMs);
  const most = niceMax(Math.max(1, ...bars.map((bar) => bar.succeeded + bar.failed)));
  const deepest = niceMax(Math.max(1, ...samples.map((sample) => sample.queued)));
  const x = (atMs) => margin.left + ((atMs - fromMs) / hourMs) * (width - margin.left - margin.right);
  const y = (value, max) => height - margin.bottom - (value / max) * (height - margin.top - margin.bottom);
  const barWidth = (width - margin.left - margin.right) / barCount - 1;
  const column = (bar, from, to, kind) =>
    to > from ? s('rect', { class: `fill-${kind}`, x: x(bar.atMs), width: barWidth, y: y(to, most), height: y(from, most) - y(to, most) }) : undefined;
  const points = samples.filter((sample) => sample.atMs >= fromMs).map((sample) => `${x(sample.atMs)},${y(sample.queued, deepest)}`);
  const total = (key) => samples.reduce((sum, sample) => sum + sample[key], 0);
  const summary = `${total('succeeded')} attempts succeeded and ${total('failed')} failed; ${samples.at(-1)?.queued ?? 0} are queued now.`;
  return [
    s(
      'svg',
      { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `Attempts and queue depth in the last hour. ${summary}` },
      ...[0, 0.5, 1].flatMap((part) => [
        s('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: y(part, 1), y2: y(part, 1) }),
        s('text', { class: 'axis', x: margin.left - 6, y: y(part, 1) + 4, 'text-anchor': 'end' }, String(most * part)),
        s('text', { class: 'axis', x: width - margin.right + 6, y: y(part, 1) + 4 }, String(deepest * part)),
      ]),
      ...[0, 1, 2, 3, 4].map((quarter) =>
        s('text', { class: 'axis', x: x(fromMs + (quarter * hourMs) / 4), y: height - 6, 'text-anchor': quarter === 0 ? 'start' : quarter === 4 ? 'end' : 'middle' }, clockTime(fromMs + (quarter * hourMs) / 4)),
      ),
      ...bars.flatMap((bar) => [column(bar, 0, bar.succeeded, 'succeeded'), column(bar, bar.succeeded, bar.succeeded + bar.failed, 'failed')]),
      points.length > 1 ? s('polyline', { class: 'depth', points: points.join(' ') }) : undefined,
    ),
    h(
      'figcaption',
      {},
      h('span', { class: 'state succeeded' }, `attempts succeeded (${total('succeeded')})`),
      h('span', { class: 'state failed' }, `attempts failed (${total('failed')})`),
      h('span', { class: 'state queued' }, 'queue depth, right scale'),
    ),
  ];
}

function gather(samples, fromMs) {
  const stepMs = hourMs / barCount;
  const bars = Array.from({ length: barCount }, (_, index) => ({ atMs: fromMs + index * stepMs, succeeded: 0, failed: 0 }));
  for (const sample of samples) {
    const bar = bars[Math.floor((sample.atMs - fromMs) / stepMs)];
    if (bar === undefined) continue;
    bar.succeeded += sample.succeeded;
    bar.failed += sample.failed;
  }
  return bars;
}

/** The next even number of the form 2, 4, 10, 20, 40, 100 …: half of it is whole. */
function niceMax(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [2, 4, 10, 20].map((step) => step * power).find((candidate) => candidate >= value) ?? value;
}
