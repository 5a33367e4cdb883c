const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * An HTML element: attributes by name, then children. Text is always text, never markup. A
 * `data-key` says which element of the next refresh is the same one.
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== undefined));
  return element;
}

/**
 * Turns what `parent` has into `wanted`, changing only what differs: focus, selected text, scroll
 * positions and opened details stay over a refresh. Elements with a `data-key` are matched by it,
 * all others by their place.
 */
export function morph(parent, wanted) {
  const focused = parent.contains(document.activeElement) ? document.activeElement : undefined;
  morphChildren(
    parent,
    wanted.filter((node) => node !== undefined),
  );
  if (focused?.isConnected && document.activeElement !== focused) {
    focused.focus({ preventScroll: true });
  }
}

function morphChildren(parent, wanted) {
  const wantedKeys = new Set(wanted.map(keyOf));
  const known = new Map();
  for (const child of Array.from(parent.childNodes)) {
    const key = keyOf(child);
    if (key === undefined) continue;
    if (wantedKeys.has(key)) known.set(key, child);
    else child.remove();
  }
  let place = parent.firstChild;
  for (const node of wanted) {
    const key = keyOf(node);
    const same =
      key === undefined
        ? place !== null && isSameKind(place, node)
          ? place
          : undefined
        : known.get(key);
    if (same === undefined) {
      parent.insertBefore(node, place);
    } else {
      if (same === place) place = place.nextSibling;
      else parent.insertBefore(same, place);
      update(same, node);
    }
  }
  while (place !== null) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE
    ? (node.getAttribute('data-key') ?? undefined)
    : undefined;
}

function isSameKind(a, b) {
  return keyOf(a) === undefined && a.nodeName === b.nodeName;
}

function update(element, wanted) {
  if (element.isEqualNode(wanted)) return;
  if (element.nodeType !== Node.ELEMENT_NODE) {
    element.nodeValue = wanted.nodeValue;
    return;
  }
  for (const { name, value } of wanted.attributes) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
  // `open` of a details element is the reader's own doing.
  for (const { name } of Array.from(element.attributes)) {
    if (!wanted.hasAttribute(name) && name !== 'open') element.removeAttribute(name);
  }
  morphChildren(element, [...wanted.childNodes]);
}

/** `850 ms`, `12.3 s`, `4 m 05 s`, `3 h 20 m`, `5 d 3 h`. */
export function duration(milliseconds) {
  const ms = Math.max(0, Math.round(milliseconds));
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) {
    return `${minutes} m ${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')} s`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h ${String(minutes % 60).padStart(2, '0')} m`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** For ages: whole seconds are precise enough, and stand still longer. */
export function age(milliseconds) {
  return milliseconds < 60_000
    ? `${Math.max(0, Math.floor(milliseconds / 1000))} s`
    : duration(milliseconds);
}

const times = {
  seconds: new Intl.DateTimeFormat([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }),
  minutes: new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  days: new Intl.DateTimeFormat([], {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }),
};

/** Time of day, with the date when it is not today's. */
export function clockTime(ms, precision = 'seconds') {
  const isToday = new Date(ms).toDateString() === new Date().toDateString();
  return times[isToday || precision === 'minutes' ? precision : 'days'].format(ms);
}

/**
 * Controls but tab and line feed, and the marks that change the direction of writing: they would
 * make a line look like another.
 */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const acting = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/** Text of a function's, with what acts on its surroundings shown as an escape. */
export function visible(text) {
  return text.replace(
    acting,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The part of an id that people read. */
export function shortId(id) {
  return id.slice(-8);
}
