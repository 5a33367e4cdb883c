import type { AnalyzedFunction } from './analyze.ts';

/**
 * Renders a page that shows the artifacts as a treemap. The areas are bytes in the zip, and a click
 * goes one level deeper. The page is one file and loads nothing from the network.
 */
export function treemapPage(functions: readonly AnalyzedFunction[]): string {
  const rows = functions.map(({ name, zipBytes, parts }) => ({
    name,
    zipBytes,
    parts: parts.map(({ path, bytes, zippedBytes, reason }) => [path, bytes, zippedBytes, reason]),
  }));
  // A path can contain any text, even "</script>", which would end the script of the page.
  const json = JSON.stringify(rows).replaceAll('<', String.raw`\u003c`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What is in the functions</title>
<style>${styles}</style>
</head>
<body>
<header><h1>What is in the functions</h1><nav id="trail" aria-label="Place"></nav><label>Find <input id="find" type="search" placeholder="package or file"></label></header>
<main id="map"></main>
<footer id="detail">Areas are bytes in the zip. Click to go deeper; the trail above leads back.</footer>
<script>const functions = ${json};
${script}</script>
</body>
</html>
`;
}

const styles = `
*{box-sizing:border-box}
body{margin:0;height:100vh;display:flex;flex-direction:column;font:14px/1.4 system-ui,sans-serif;color:#1c2733;background:#f6f7f9}
header{display:flex;gap:1.5rem;align-items:center;padding:.6rem 1rem;flex-wrap:wrap}
h1{font-size:1rem;margin:0}
nav{flex:1}
nav button{border:0;background:none;color:#0b5cad;font:inherit;cursor:pointer;padding:0 .2rem;text-decoration:underline}
main{flex:1;position:relative;margin:0 1rem;min-height:0}
footer{padding:.6rem 1rem;min-height:2.6rem;overflow-wrap:anywhere}
.box{position:absolute;overflow:hidden;border:1px solid #fff;border-radius:3px;padding:2px 5px;font:12px/1.3 system-ui,sans-serif;text-align:left;color:#10202f;cursor:default;white-space:nowrap;text-overflow:ellipsis}
.box.deeper{cursor:pointer}
.box:hover,.box:focus-visible{outline:2px solid #10202f;z-index:1}
.box.dim{opacity:.2}
.box.tiny{padding:0;border-width:0 1px 1px 0;border-radius:0}
.box small{display:block;opacity:.75;overflow:hidden;text-overflow:ellipsis}
@media (prefers-color-scheme:dark){body{background:#14191f;color:#e6ebf0}nav button{color:#7db8f5}.box{border-color:#14191f}.box:hover,.box:focus-visible{outline-color:#fff}}
`;

/**
 * Plain browser code. It builds a tree of path segments, lays the tree out as a squarified treemap,
 * and draws one level with the children of each box inside.
 */
const script = `
const size = (n) => n < 1024 ? n + ' B' : n < 1048576 ? (n / 1024).toFixed(1) + ' KB' : (n / 1048576).toFixed(1) + ' MB';
const node = (name) => ({ name, bytes: 0, zipped: 0, reason: '', children: new Map() });
const segments = (path) => path.replace(/^(?:\\.\\.\\/)+/, '').split('/').reduce((all, part) => {
  const last = all[all.length - 1];
  if (last === 'node_modules' || (last && /^node_modules\\/@[^/]+$/.test(last))) all[all.length - 1] = last + '/' + part; else all.push(part);
  return all;
}, []).map((name) => name.replace(/^node_modules\\//, ''));
const root = node('All functions');
for (const { name, parts } of functions) {
  const top = node(name); root.children.set(name, top);
  for (const [path, bytes, zipped, reason] of parts) {
    let at = top; root.bytes += bytes; root.zipped += zipped; top.bytes += bytes; top.zipped += zipped;
    for (const segment of segments(path)) {
      if (!at.children.has(segment)) at.children.set(segment, node(segment));
      at = at.children.get(segment); at.bytes += bytes; at.zipped += zipped;
    }
    at.reason = reason;
  }
}
const map = document.getElementById('map'), trail = document.getElementById('trail'), detail = document.getElementById('detail'), find = document.getElementById('find');
let path = [root];
function layout(items, x, y, w, h, place) {
  items = items.filter((item) => item.zipped > 0).sort((a, b) => b.zipped - a.zipped);
  let rest = items.reduce((sum, item) => sum + item.zipped, 0);
  while (items.length > 0 && rest > 0 && w > 1 && h > 1) {
    const short = Math.min(w, h), scale = (w * h) / rest;
    let row = [], rowSum = 0, worst = Infinity;
    for (const item of items) {
      const sum = rowSum + item.zipped, side = (sum * scale) / short;
      const ratio = Math.max(...[...row, item].map((one) => { const other = (one.zipped * scale) / side; return Math.max(side / other, other / side); }));
      if (ratio > worst) break;
      row.push(item); rowSum = sum; worst = ratio;
    }
    const side = (rowSum * scale) / short;
    let offset = 0;
    for (const item of row) {
      const length = (item.zipped / rowSum) * short;
      if (w >= h) place(item, x, y + offset, side, length); else place(item, x + offset, y, length, side);
      offset += length;
    }
    if (w >= h) { x += side; w -= side; } else { y += side; h -= side; }
    items = items.slice(row.length); rest -= rowSum;
  }
}
const hue = (text) => [...text].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 360, 7);
function matches(item, text) { return item.name.toLowerCase().includes(text) || [...item.children.values()].some((child) => matches(child, text)); }
function describe(names, item) { return names.slice(1).concat(item.name).join(' › ') + ': ' + size(item.zipped) + ' in the zip, ' + size(item.bytes) + ' unzipped' + (item.reason ? ' (' + item.reason + ')' : ''); }
function draw() {
  const here = path[path.length - 1], text = find.value.trim().toLowerCase();
  trail.replaceChildren(...path.map((item, index) => { const button = document.createElement('button'); button.textContent = item.name + ' (' + size(item.zipped) + ')'; button.onclick = () => { path = path.slice(0, index + 1); draw(); }; return button; }));
  map.replaceChildren();
  const { width, height } = map.getBoundingClientRect();
  const box = (item, x, y, w, h, depth, steps) => {
    if (w < 3 || h < 3) return;
    const element = document.createElement('div');
    const deeper = item.children.size > 0;
    element.className = 'box' + (deeper ? ' deeper' : '') + (text && !matches(item, text) ? ' dim' : '') + (w > 30 && h > 14 ? '' : ' tiny');
    element.style.cssText = 'left:' + x + 'px;top:' + y + 'px;width:' + w + 'px;height:' + h + 'px;background:hsl(' + hue(steps.length > 2 ? steps[2].name : item.name) + ' 55% ' + (depth === 0 ? 72 : 82) + '%)';
    if (w > 30 && h > 14) { element.textContent = item.name; if (h > 32) { const small = document.createElement('small'); small.textContent = size(item.zipped); element.append(small); } }
    element.title = describe(steps.map((step) => step.name), item);
    element.onmouseenter = () => { detail.textContent = element.title; };
    const go = () => { if (deeper) { path = [...steps, item]; draw(); } else detail.textContent = element.title; };
    element.onclick = (event) => { event.stopPropagation(); go(); };
    element.tabIndex = 0; element.role = 'button'; element.onfocus = element.onmouseenter;
    element.onkeydown = (event) => { if (event.key === 'Enter') go(); if (event.key === 'Escape' && path.length > 1) { path = path.slice(0, -1); draw(); } };
    map.append(element);
    if (depth === 0 && w > 60 && h > 60) layout([...item.children.values()], x + 3, y + 36, w - 6, h - 39, (child, cx, cy, cw, ch) => box(child, cx, cy, cw, ch, 1, [...steps, item]));
  };
  layout([...here.children.values()], 0, 0, width, height, (item, x, y, w, h) => box(item, x, y, w, h, 0, path));
}
find.oninput = draw; window.onresize = draw; draw();
`;
