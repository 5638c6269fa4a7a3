// SPDX-License-Identifier: Apache-2.0
// The page: comes in with a token, follows the numbers, and shows them.

import * as actions from "./actions.js";
import { ask, follow, forgetToken, linkPath, Refused, setToken, takeTokenFromAddress } from "./api.js";
import { linkText, matches, Model, sessionText } from "./model.js";
import { Picture } from "./picture.js";
import { eventsList, linksTable, sessionsTable } from "./tables.js";
import { bytes, count, element, mark, plural, put, time } from "./text.js";

const at = (id) => document.getElementById(id);
const kSessionsEvery = 2000, kMostSessions = 1000, kMostLinks = 100, kStaleAfter = 4000, kLongestPause = 15000;

const model = new Model();
const open = new Map();  // links whose row is open → what /why said
const picture = new Picture(at("picture"));
const showLinks = linksTable(at("links-table"), {
  ...actions,
  isOpen: (name) => open.has(name),
  why: (name) => open.get(name),
  toggle: (name) => { open.has(name) ? open.delete(name) : open.set(name, null); show(); askWhy(); },
});
const showSessions = sessionsTable(at("sessions-table"), actions);
const showEvents = eventsList(at("events"));

function show() {
  if (!model.numbers) return;
  const filter = at("filter").value.trim().toLowerCase(), all = model.links();
  const links = all.filter((link) => matches(linkText(link), filter));
  const names = new Set(links.map((link) => link.name));
  const sessions = model.sessions.sessions.filter((one) => (filter ? matches(sessionText(one), filter) || names.has(one.link) : true));
  put(at("matches"), filter ? `${links.length} of ${plural(all.length, "link")}, ${plural(sessions.length, "session")}` : "");
  picture.show(links, model.sessions.sessions);
  showLinks(links.slice(0, kMostLinks));
  put(at("links-note"), links.length > kMostLinks ? `the first ${kMostLinks} of ${count(links.length)}; filter for others` : "");
  showSessions(sessions);
  const left = model.sessions.left_out;
  put(at("sessions-note"), sessions.length === 0 ? "none" : sessions.length > 200 || left ? `the first 200 of ${count(sessions.length + left)}` : count(sessions.length));
  showVitals();
}

function showVitals() {
  const { status } = model, vitals = model.vitals();
  const state = status.state.replace("_", " ");
  put(at("state"), state);
  mark(at("state"), "class", `badge ${status.state}`);
  put(at("reason"), status.reason ? `for ${time(Date.now() - status.since_ms)}: ${status.reason}` : "");
  document.title = state === "ready" ? "ambassador" : `${state} · ambassador`;
  const facts = [["sessions", `${count(status.sessions)} of ${count(status.most_sessions)}`], ["CPU", `${(vitals.cpu * 100).toFixed(vitals.cpu < 0.1 ? 1 : 0)} %`], ["memory", vitals.memory === undefined ? "–" : bytes(vitals.memory)],
    ["workers", String(status.workers)], ["up", time(status.uptime_s * 1000)], ["version", status.version]];
  if (vitals.dropped) facts.push(["log lines lost", count(vitals.dropped)]);
  if (status.last_rejection) facts.push(["last reload", "turned down"]);
  const place = at("vitals");
  while (place.children.length > facts.length) place.lastChild.remove();
  facts.forEach(([name, value], i) => {
    const fact = place.children[i] ?? place.appendChild(element("div", {}, element("dt"), element("dd")));
    put(fact.firstChild, name);
    put(fact.lastChild, value);
  });
}

async function askWhy() {
  for (const name of open.keys()) {
    try {
      const why = await ask("GET", linkPath(name, "/why"));
      if (open.has(name)) open.set(name, why);
    } catch (error) {
      if (error.status === 404) open.delete(name);
    }
  }
  show();
}

async function askSessions() {
  if (document.hidden) return;
  try {
    model.sessions = await ask("GET", `/v1/sessions?most=${kMostSessions}`);
    if (open.size) await askWhy();
  } catch { /* the stream tells that nobody answers */ }
}

// The stream, and what becomes of it

let lastNumbers = 0, eventKey = 0;

function take(event, data) {
  if (event === "numbers") {
    lastNumbers = Date.now();
    model.take(data);
    show();
  } else {
    model.addEvent({ key: ++eventKey, data: event === "lost" ? { time: new Date().toISOString(), level: "warning", event, ...data } : data });
    showEvents(model.events);
  }
}

function comeIn() {
  at("door").hidden = true;
  at("main").hidden = false;
  at("refused").textContent = "";
}

function askForToken(wasWrong) {
  forgetToken();
  at("main").hidden = true;
  at("door").hidden = false;
  at("refused").textContent = wasWrong ? "That is not the token of this ambassador." : "";
  at("token").focus();
}

async function stayConnected() {
  for (let pause = 500; ; pause = Math.min(pause * 2, kLongestPause)) {
    try {
      const began = Date.now();
      await follow("/v1/watch", undefined, (event, data) => { comeIn(); take(event, data); });
      if (Date.now() - began > 5000) pause = 500;
    } catch (error) {
      if (error instanceof Refused) return askForToken(sessionStorage.getItem("ambassador.token") !== null);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

setInterval(() => {
  const silent = lastNumbers ? Date.now() - lastNumbers : 0, isStale = silent > kStaleAfter;
  document.body.classList.toggle("stale", isStale);
  at("stale").hidden = !isStale;
  if (isStale) put(at("stale"), `No answer for ${time(silent)}: what is shown is old. Asking again …`);
}, 1000);
setInterval(() => model.numbers && askSessions(), kSessionsEvery);

at("door").addEventListener("submit", (event) => {
  event.preventDefault();
  setToken(at("token").value.trim());
  at("token").value = "";
  stayConnected();
});
at("filter").addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    at("filter").focus();
  }
  if (event.key === "Escape" && document.activeElement === at("filter")) {
    at("filter").value = "";
    show();
  }
});

// Light, dark, or as the system has it

const kSchemes = ["system", "light", "dark"];
function setScheme(scheme) {
  localStorage.setItem("ambassador.scheme", scheme);
  document.documentElement.dataset.scheme = scheme;
  put(at("scheme"), { system: "◐ auto", light: "○ light", dark: "● dark" }[scheme]);
  at("scheme").setAttribute("aria-label", `Colours: ${scheme}`);
}
setScheme(kSchemes.includes(localStorage.getItem("ambassador.scheme")) ? localStorage.getItem("ambassador.scheme") : "system");
at("scheme").addEventListener("click", () => setScheme(kSchemes[(kSchemes.indexOf(document.documentElement.dataset.scheme) + 1) % kSchemes.length]));

takeTokenFromAddress();
stayConnected();
