// SPDX-License-Identifier: Apache-2.0
// The wiring as a picture: consumers, this ambassador with its links, endpoints. It is drawn anew when there are other
// parts than before; otherwise only words, widths and colours change, so that what moves goes on moving.

import { bytes, count, element, mark, ms, perSecond, plural, put } from "./text.js";
import { hostOf } from "./model.js";

const kMostLinks = 12, kHead = 26, kGap = 16, kRow = 42, kLink = 76;
const kMarks = { up: "●", down: "✕", standby: "◇", unknown: "○", unchecked: "◦", ejected: "▲", former: "↶" };

/** The busiest links, in the wiring's order. */
function chosen(links) {
  if (links.length <= kMostLinks) return links;
  const busy = (link) => link.sessions + link.newPerSecond + Math.log1p(link.upPerSecond + link.downPerSecond);
  const kept = new Set([...links].sort((a, b) => busy(b) - busy(a)).slice(0, kMostLinks));
  return links.filter((link) => kept.has(link));
}

/** [{name, sessions}], most sessions first, the rest as one. */
function consumersOf(link, sessions, most) {
  const groups = new Map();
  for (const one of sessions) {
    if (one.link === link.name) groups.set(hostOf(one.downstream), (groups.get(hostOf(one.downstream)) ?? 0) + 1);
  }
  const all = [...groups].map(([name, number]) => ({ name, sessions: number })).sort((a, b) => b.sessions - a.sessions || (a.name < b.name ? -1 : 1));
  if (all.length <= most) return all;
  const rest = all.slice(most - 1);
  return [...all.slice(0, most - 1), { name: `${count(rest.length)} more`, sessions: rest.reduce((sum, one) => sum + one.sessions, 0) }];
}

/** Those in force, and those where sessions are still that the link leads to no longer. */
function endpointsOf(link, sessions, most) {
  const listed = new Set(link.endpoints.map((one) => one.address)), former = new Map();
  for (const one of sessions) {
    if (one.link === link.name && one.upstream && one.state !== "connecting" && !listed.has(one.upstream)) former.set(one.upstream, (former.get(one.upstream) ?? 0) + 1);
  }
  const all = [...link.endpoints.map((one) => ({
    name: one.address, sessions: one.sessions, reason: one.reason,
    health: one.ejected_by > 0 && one.health !== "down" && one.health !== "standby" ? "ejected" : one.health,
  })), ...[...former].map(([name, number]) => ({ name, sessions: number, health: "former", reason: "the link leads there no longer" }))];
  if (all.length <= most) return all;
  const rest = all.slice(most - 1);
  return [...all.slice(0, most - 1), { name: `${count(rest.length)} more`, sessions: rest.reduce((sum, one) => sum + one.sessions, 0),
    health: rest.every((one) => one.health === "down") ? "down" : "unchecked", reason: "" }];
}

function columnsOf(width) {
  const isNarrow = width < 640;
  const [side, middle, far] = isNarrow ? [width * 0.22, width * 0.35, width * 0.36] : [Math.min(200, width * 0.2), Math.min(300, width * 0.3), Math.min(260, width * 0.25)];
  return { isNarrow, consumer: { x: 1, w: side }, link: { x: isNarrow ? width * 0.255 : (width - middle) / 2, w: middle }, endpoint: { x: width - far - 1, w: far } };
}

const pen = document.createElement("canvas").getContext("2d");

/** As much of a text as there is room for, in px, as `node` would show it. */
function fit(text, width, node) {
  const style = getComputedStyle(node);
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  if (pen.measureText(text).width <= width) return text;
  let room = text.length - 1;
  while (room > 1 && pen.measureText(`${text.slice(0, room)}…`).width > width) room -= 1;
  return `${text.slice(0, room)}…`;
}

const curve = (x1, y1, x2, y2) => `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`;
const thickness = (sessions) => (sessions ? Math.min(7, 1.5 + Math.log2(1 + sessions)) : 1.2).toFixed(1);

export class Picture {
  #place;
  #drawn = "";
  #parts = new Map();

  constructor(place) {
    this.#place = place;
    new ResizeObserver(() => this.#last && this.show(...this.#last)).observe(place);
  }
  #last = null;

  show(links, sessions) {
    this.#last = [links, sessions];
    const width = Math.floor(this.#place.clientWidth - 2 * parseFloat(getComputedStyle(this.#place).paddingLeft));
    if (width <= 0) return;
    const columns = columnsOf(width), most = columns.isNarrow ? 3 : 5;
    const shown = chosen(links).map((link) => ({ link, consumers: consumersOf(link, sessions, most), endpoints: endpointsOf(link, sessions, most) }));
    const plan = JSON.stringify([width, shown.map((one) => [one.link.name, one.consumers.map((c) => c.name), one.endpoints.map((e) => e.name)])]);
    if (plan !== this.#drawn) this.#draw(shown, columns, width, links.length - shown.length);
    this.#drawn = plan;
    for (const one of shown) this.#renew(one);
  }

  #draw(shown, columns, width, leftOut) {
    this.#parts.clear();
    const edges = element("g", {}), nodes = element("g", {});
    let y = kHead + 10;
    for (const one of shown) {
      const rows = Math.max(one.consumers.length, one.endpoints.length, 1);
      const height = Math.max(rows * kRow, kLink + 6);
      this.#drawLink(one, columns, y, height, edges, nodes);
      y += height + kGap;
    }
    const rest = leftOut > 0 ? `and ${plural(leftOut, "more link")}, less busy: the table below has them` : "";
    const height = y + (rest ? 18 : 0);
    const pad = columns.isNarrow ? 4 : 14;
    const frame = element("rect", { class: "frame", x: columns.link.x - pad, y: kHead - 6, width: columns.link.w + 2 * pad, height: y - kHead - 2, rx: 12 });
    const title = (column, text) => element("text", { class: "title", x: column.x + column.w / 2, y: 12, "text-anchor": "middle" }, text);
    this.#place.replaceChildren(element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": describe(shown) },
      title(columns.consumer, "consumers"), title(columns.link, columns.isNarrow ? "ambassador" : "this ambassador"), title(columns.endpoint, "endpoints"),
      frame, edges, nodes, element("text", { class: "note", x: width / 2, y: height - 5, "text-anchor": "middle" }, rest)));
  }

  #drawLink({ link, consumers, endpoints }, columns, top, height, edges, nodes) {
    const middle = top + height / 2;
    const inner = columns.link.w - 20, parts = { edges: [], nodes: [] };
    const at = (index, all) => middle + (index - (all - 1) / 2) * kRow;
    const line = (kind, dx, dy, anchor) => element("text", { class: kind, x: columns.link.x + dx, y: middle + dy, "text-anchor": anchor });
    const box = element("rect", { class: "box", x: columns.link.x, y: middle - kLink / 2, width: columns.link.w, height: kLink, rx: 8 });
    Object.assign(parts, { box, name: line("name", 10, -18), state: line("state", columns.link.w - 10, -18, "end"), where: line("small", 10, -1), rates: line("small", 10, 14), waits: line("small", 10, 29), inner, isNarrow: columns.isNarrow });
    nodes.append(element("g", {}, element("title", {}, link.name), box, parts.name, parts.state, parts.where, parts.rates, parts.waits));
    const node = (column, index, all, item, isEndpoint) => {
      const y = at(index, all), name = element("text", { class: "name", x: column.x + 9, y: y - 3 }), text = element("text", { class: "small", x: column.x + 9, y: y + 12 });
      const rect = element("rect", { class: "box", x: column.x, y: y - 18, width: column.w, height: 36, rx: 7 });
      const tip = element("title", {}, item.name);
      nodes.append(element("g", {}, tip, rect, name, text));
      const [x1, x2] = isEndpoint ? [columns.link.x + columns.link.w, column.x] : [column.x + column.w, columns.link.x];
      const [y1, y2] = isEndpoint ? [middle, y] : [y, middle];
      const way = curve(x1, y1, x2, y2);
      const edge = { line: element("path", { class: "edge", d: way }),
        up: element("path", { class: "flow up", d: curve(x1, y1 - 2, x2, y2 - 2) }), down: element("path", { class: "flow down", d: curve(x1, y1 + 2, x2, y2 + 2) }) };
      edges.append(edge.line, edge.up, edge.down);
      parts.nodes.push({ key: item.name, isEndpoint, rect, name, text, tip, edge, width: column.w - 16 });
    };
    consumers.forEach((item, i) => node(columns.consumer, i, consumers.length, item, false));
    endpoints.forEach((item, i) => node(columns.endpoint, i, endpoints.length, item, true));
    if (consumers.length === 0) nodes.append(element("text", { class: "small", x: columns.consumer.x + 9, y: middle + 4 }, "nobody now"));
    if (endpoints.length === 0) nodes.append(element("text", { class: "small bad", x: columns.endpoint.x + 9, y: middle + 4 }, "no address known"));
    this.#parts.set(link.name, parts);
  }

  #renew({ link, consumers, endpoints }) {
    const parts = this.#parts.get(link.name);
    const state = link.declared.length && link.state === "up" ? "rewired" : link.state;
    put(parts.state, state);
    mark(parts.state, "class", `state ${link.state}`);
    put(parts.name, fit(link.name, parts.inner - parts.state.getComputedTextLength() - 8, parts.name));
    mark(parts.box, "class", `box ${link.state}`);
    put(parts.where, fit(link.listen.join(", "), parts.inner, parts.where));
    put(parts.rates, parts.isNarrow ? `→${bytes(link.upPerSecond)}/s` : `→ ${bytes(link.upPerSecond)}/s   ← ${bytes(link.downPerSecond)}/s`);
    put(parts.waits, parts.isNarrow ? `←${bytes(link.downPerSecond)}/s`
      : `${plural(link.sessions, "session")}, ${perSecond(link.newPerSecond)} new/s, connect ${ms(link.connect(0.99))}`);
    for (const node of parts.nodes) {
      const item = (node.isEndpoint ? endpoints : consumers).find((one) => one.name === node.key);
      const sessions = plural(item.sessions, "session");
      mark(node.text, "class", `small ${item.health ?? ""}`);
      put(node.name, fit(item.name, node.width, node.name));
      put(node.text, fit(node.isEndpoint ? `${kMarks[item.health]} ${item.health}, ${sessions}` : sessions, node.width, node.text));
      mark(node.rect, "class", `box ${item.health ?? ""}`);
      put(node.tip, [item.name, item.health, item.reason].filter(Boolean).join(", "));
      mark(node.edge.line, "class", `edge ${["down", "standby"].includes(item.health) ? item.health : link.state}`);
      mark(node.edge.line, "stroke-width", thickness(item.sessions));
      const flows = item.sessions > 0 || !node.isEndpoint;
      mark(node.edge.up, "class", `flow up ${flows && link.upPerSecond > 0 ? pace(link.upPerSecond) : "still"}`);
      mark(node.edge.down, "class", `flow down ${flows && link.downPerSecond > 0 ? pace(link.downPerSecond) : "still"}`);
    }
  }
}

const pace = (rate) => (rate > 1e7 ? "fast" : rate > 1e5 ? "brisk" : "slow");

/** The picture in words, for those who do not see it; the tables have the numbers. */
function describe(shown) {
  return shown.map(({ link, consumers, endpoints }) => `${link.name}, ${link.state}: ${plural(consumers.length, "consumer")}, leads to `
    + (endpoints.map((one) => `${one.name} (${one.health})`).join(", ") || "nothing")).join("; ") || "no links";
}
