const svgNamespace = 'http://www.w3.org/2000/svg';

export const byId = (id) => document.getElementById(id);

/**
 * Creates an HTML element with attributes and children. A string becomes a text node, never markup.
 * The attribute `data-key` identifies an element across refreshes (`morph`).
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Creates an SVG element. */
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
 * Makes `wanted` the children of `parent`, changing only the differences, so that focus, selected
 * text, scroll positions and opened details survive a refresh. Elements with a `data-key` are
 * matched by their key, all others by their position.
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
    const same = key === undefined ? reusable(place, node) : known.get(key);
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

/** Returns the node at the place of `wanted`, if that node can be changed into `wanted`. */
function reusable(place, wanted) {
  const fits = place !== null && keyOf(place) === undefined && place.nodeName === wanted.nodeName;
  return fits ? place : undefined;
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
  // The attribute `open` is kept, because the user opens and closes details elements.
  for (const { name } of Array.from(element.attributes)) {
    if (!wanted.hasAttribute(name) && name !== 'open') element.removeAttribute(name);
  }
  morphChildren(element, [...wanted.childNodes]);
}
