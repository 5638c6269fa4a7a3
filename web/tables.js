// SPDX-License-Identifier: Apache-2.0
// The tables of links and of sessions, and the list of events. Rows are kept for what they are about.

import { bytes, clock, count, element, keyed, mark, ms, perSecond, plural, put, time } from "./text.js";

const kMostRows = 200;

const cell = (name, isNumber) => element("td", { "data-name": name, class: isNumber ? "number" : null });

function headed(table, caption, names, more = {}) {
  const heads = names.map((name) => element("th", { scope: "col", class: more.numbers?.has(name) ? "number" : null }, name));
  const body = element("tbody");
  table.append(element("caption", { class: "hidden" }, caption), element("thead", {}, element("tr", {}, ...heads)), body);
  return { heads, body };
}

function spark(values) {
  const most = Math.max(...values, 1);
  const points = values.map((value, i) => `${((i / Math.max(1, values.length - 1)) * 60).toFixed(1)},${(17 - (value / most) * 15).toFixed(1)}`);
  return points.join(" ");
}

/** Of links; a row opens on what is known of it. `do` holds the actions. */
export function linksTable(table, actions) {
  const names = ["Link", "State", "Leads to", "Sessions", "New/s", "→ up", "← down", "Last minute", "Connect p99", "First byte p99", "Failed/min", "Actions"];
  const numbers = new Set(["Sessions", "New/s", "→ up", "← down", "Connect p99", "First byte p99", "Failed/min", "Actions"]);
  const { body } = headed(table, "Every link with its figures of now", names, { numbers });
  const make = (link) => {
    const row = element("tr", {});
    const cells = names.map((name) => cell(name, numbers.has(name)));
    const line = element("polyline", { class: "spark" });
    const open = element("button", { type: "button", class: "open", "aria-expanded": "false", onclick: () => actions.toggle(link.name) },
      element("span", { class: "chevron", "aria-hidden": "true" }, "▸"), element("span"));
    cells[0] = element("th", { scope: "row" }, open, element("span", { class: "note" }));
    cells[7].append(element("svg", { viewBox: "0 0 60 18", width: 60, height: 18, "aria-hidden": "true" }, line));
    const button = (word, act) => element("button", { type: "button", onclick: act, "aria-label": `${word} ${link.name}` }, word);
    const drain = button("Drain", () => actions.drain(row.link));
    cells[11].append(button("Rewire", () => actions.rewire(row.link)), drain);
    const target = element("span"), source = element("span", { class: "note" });
    cells[2].append(target, source);
    row.append(...cells);
    Object.assign(row, { cells_: cells, line, open, drain, target, source });
    return row;
  };
  const renew = (row, link) => {
    row.link = link;
    const [head, state, , sessions, opened, up, down, , connect, first, failed] = row.cells_;
    put(row.open.lastChild, link.name);
    mark(row.open, "aria-expanded", String(actions.isOpen(link.name)));
    put(head.lastChild, link.listen.join(", "));
    put(state, link.state);
    mark(state, "class", `badge ${link.state}`);
    put(row.target, link.upstream.join(", "));
    put(row.source, link.declared.length ? `rewired; its source says ${link.declared.join(", ")}` : "");
    put(sessions, count(link.sessions));
    put(opened, perSecond(link.newPerSecond));
    put(up, `${bytes(link.upPerSecond)}/s`);
    put(down, `${bytes(link.downPerSecond)}/s`);
    mark(row.line, "points", spark(link.flow.length > 1 ? link.flow : [0, 0]));
    put(connect, ms(link.connect(0.99)));
    put(first, ms(link.firstByte(0.99)));
    put(failed, count(link.failedLately));
    mark(failed, "class", link.failedLately ? "number bad" : "number");
    const word = link.state === "drained" ? "Resume" : "Drain";
    put(row.drain, word);
    mark(row.drain, "aria-label", `${word} ${link.name}`);
  };
  return (links) => {
    const rows = links.flatMap((link) => (actions.isOpen(link.name) ? [link, { detailOf: link }] : [link]));
    keyed(body, rows, (row) => (row.detailOf ? `detail ${row.detailOf.name}` : `link ${row.name}`),
      (row) => (row.detailOf ? makeDetail(names.length) : make(row)), (node, row) => (row.detailOf ? renewDetail(node, row.detailOf, actions.why(row.detailOf.name)) : renew(node, row)));
    if (links.length === 0) body.replaceChildren(element("tr", { class: "none" }, element("td", { colspan: names.length }, "no link matches"))), body.known?.clear();
    else body.querySelector(".none")?.remove();
  };
}

function makeDetail(columns) {
  const made = { endpoints: element("ul"), causes: element("ul"), facts: element("ul") };
  const part = (title, list) => element("div", {}, element("h3", {}, title), list);
  const row = element("tr", { class: "detail" }, element("td", { colspan: columns },
    element("div", { class: "parts" }, part("Endpoints", made.endpoints), part("What went wrong of late", made.causes), part("Known of it", made.facts))));
  return Object.assign(row, made);
}

function renewDetail(row, link, why) {
  const list = (place, lines) => keyed(place, lines, (line) => line.key, () => element("li"), (node, line) => { put(node, line.text); mark(node, "class", line.kind ?? ""); });
  list(row.endpoints, link.endpoints.map((one) => ({ key: one.address, kind: one.health,
    text: `${one.address}: ${one.health}, ${plural(one.sessions, "session")}${one.ejected_by ? ", ejected" : ""}${one.reason ? ` (${one.reason})` : ""}` })));
  const causes = (why?.failures ?? []).map((one) => ({ key: [one.event, one.reason, one.error, one.where].join("|"),
    text: `${time(Date.now() - one.last_ms)} ago, ${count(one.count)} ×: ${[one.event, one.reason, one.error, one.where].filter((part) => part && part !== "-").join(", ")}` }));
  list(row.causes, causes.length ? causes : [{ key: "", text: why ? "nothing" : "…" }]);
  const counted = (counts) => Object.entries(counts ?? {}).map(([word, number]) => `${word} ${count(number)}`).join(", ") || "none";
  list(row.facts, [{ key: "from", text: `from ${link.from.join(", ")}` }, { key: "opened", text: `${plural(link.opened, "session")} opened` },
    { key: "closed", text: `closed: ${counted(link.closed)}` }, ...(link.protocols ? [{ key: "speaks", text: `speaks: ${counted(link.protocols)}` }] : []),
    { key: "median", text: `connect, the median of the last minute: ${ms(link.connect(0.5))}` }, { key: "rtt", text: link.rtt === null ? "round trip to the upstream: not known" : `round trip to the upstream: ${link.rtt.toFixed(2)} ms` },
    { key: "fate", text: `sessions elsewhere after a rewire: ${link.on_rewire}` }]);
}

/** Of sessions; sorted by a head that is pressed. */
export function sessionsTable(table, actions) {
  const columns = [["Link", "link"], ["Consumer", "downstream"], ["Endpoint", "upstream"], ["Speaks", "protocol"], ["State", "state"],
    ["→ up", "bytes_to_upstream", bytes], ["← down", "bytes_to_downstream", bytes], ["Age", "age_ms", time], ["Quiet", "quiet_ms", time]];
  const names = [...columns.map(([name]) => name), "Actions"];
  const { heads, body } = headed(table, "Open sessions", names, { numbers: new Set(names.slice(5)) });
  let by = "age_ms", downwards = true;
  columns.forEach(([name, key], i) => heads[i].replaceChildren(element("button", { type: "button", onclick: () => {
    [by, downwards] = [key, by === key ? !downwards : i > 4];
    show(...last);
  } }, name)));
  let last = [[], 0];
  const speaks = (one) => [one.protocol === "none" ? "" : one.protocol ?? "", one.server_name].filter(Boolean).join(" ");
  const make = (one) => {
    const row = element("tr", {}), cells = names.map((name, i) => cell(name, i > 4 && i < 9));
    cells[9].append(element("button", { type: "button", onclick: () => actions.close(row.session), "aria-label": `Close session ${one.id} of ${one.link}` }, "Close"));
    row.append(...cells);
    return row;
  };
  const renew = (row, one) => {
    row.session = one;
    columns.forEach(([, key, human], i) => put(row.children[i], key === "protocol" ? speaks(one) : human ? human(one[key]) : one[key] || "–"));
    mark(row.children[4], "class", `badge ${one.state}`);
  };
  function show(sessions) {
    last = [sessions];
    heads.forEach((head, i) => columns[i] && mark(head, "aria-sort", columns[i][1] !== by ? "none" : downwards ? "descending" : "ascending"));
    const order = (a, b) => (a[by] > b[by] ? 1 : a[by] < b[by] ? -1 : 0) * (downwards ? -1 : 1);
    keyed(body, [...sessions].sort(order).slice(0, kMostRows), (one) => one.id, make, renew);
  }
  return show;
}

/** The log as it is written, the latest first. */
export function eventsList(list) {
  list.append(element("li", { class: "none" }, "nothing since this page was opened"));
  const make = ({ data }) => {
    const { time: at, level, event, ...rest } = data;
    const text = Object.entries(rest).filter(([, value]) => value !== "").map(([key, value]) => `${key}=${value}`).join("  ");
    return element("li", { class: level }, element("time", { datetime: at }, clock(at)), element("b", {}, event), element("span", {}, text));
  };
  return (events) => {
    list.querySelector(".none")?.remove();
    keyed(list, events.slice(0, kMostRows), (event) => event.key, make, () => {});
  };
}
