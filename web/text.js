// SPDX-License-Identifier: Apache-2.0
// Numbers and times as people read them, and elements out of text. Text of others goes in as text, never as markup.

const kUnits = ["B", "kB", "MB", "GB", "TB", "PB"];

export function bytes(count) {
  let unit = 0;
  while (count >= 999.5 && unit < kUnits.length - 1) [count, unit] = [count / 1000, unit + 1];
  const digits = unit === 0 ? 0 : count < 9.995 ? 2 : count < 99.95 ? 1 : 0;
  return `${count.toFixed(digits)} ${kUnits[unit]}`;
}

export const count = (number) => (number < 10000 ? String(Math.round(number)) : number < 999500
  ? `${(number / 1000).toFixed(number < 99950 ? 1 : 0)}k` : `${(number / 1e6).toFixed(1)}M`);

/** 0.4, 12, 1.2k */
export const perSecond = (rate) => (rate > 0 && rate < 9.95 ? rate.toFixed(1) : count(rate));

export function time(ms) {
  const seconds = ms / 1000;
  if (seconds < 100) return `${Math.floor(seconds)} s`;
  if (seconds < 6000) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} d`;
}

export const ms = (value) => (value === null ? "–" : value === Infinity ? "> 10 s" : value >= 1000 ? `≤ ${value / 1000} s` : `≤ ${value} ms`);

export const clock = (iso) => new Date(iso).toLocaleTimeString(undefined, { hour12: false });

export const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

/** element("td", {class: "number"}, "text", child). Properties that begin with "on" are listeners. */
export function element(tag, properties = {}, ...children) {
  const made = tag === "svg" || element.isSvg.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}
element.isSvg = new Set(["g", "path", "rect", "circle", "text", "tspan", "title", "desc", "polyline"]);

/** Only what changed is touched, so that a selection or the focus stays where it is. */
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function mark(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Children of `parent` for `items`, by key, in order: made once, renewed each time, taken away with their item. */
export function keyed(parent, items, keyOf, make, renew) {
  const known = (parent.known ??= new Map());
  const keys = new Set();
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    keys.add(key);
    let node = known.get(key);
    if (!node) known.set(key, (node = make(item)));
    renew(node, item);
    if (node !== place) parent.insertBefore(node, place);
    else place = place.nextElementSibling;
  }
  for (const [key, node] of known) {
    if (!keys.has(key)) {
      node.remove();
      known.delete(key);
    }
  }
}
