// SPDX-License-Identifier: Apache-2.0
// What can be done from the page: rewire with a preview, drain, resume, close; each told, and undone where it can be.

import { ask, linkPath, TurnedDown } from "./api.js";
import { element } from "./text.js";

const at = (id) => document.getElementById(id);

/** What was done, with a button that undoes it. The next outcome takes its place. */
export function tell(text, undo, kind = "done") {
  const parts = [element("span", {}, text)];
  if (undo) parts.push(element("button", { type: "button", id: "undo", onclick: undo }, "Undo"));
  parts.push(element("button", { type: "button", class: "quiet", "aria-label": "Put this away", onclick: () => at("outcome").replaceChildren() }, "✕"));
  at("outcome").replaceChildren(element("p", { class: kind }, ...parts));
}

/** The API's own words: what is wrong, and what would be accepted. */
function inWords(error) {
  if (!(error instanceof TurnedDown)) return [`It could not be asked: ${error.message}`];
  const lines = error.problems.map((one) => `${one.from}: ${one.problem}.${one.accepted ? ` Accepted: ${one.accepted}.` : ""}`);
  if (lines.length === 0) lines.push(`${error.message}.${error.accepted ? ` Accepted: ${error.accepted}.` : ""}`);
  return lines;
}

const tellError = (error) => tell(inWords(error).join(" "), null, "bad");

export async function drain(link) {
  const wasDrained = link.state === "drained";
  const change = (path) => ask("POST", path, { link: link.name });
  try {
    await change(wasDrained ? "/v1/resume" : "/v1/drain");
    tell(wasDrained ? `${link.name} takes sessions again` : `${link.name} takes no new sessions; those that are open go on`,
      () => drain({ ...link, state: wasDrained ? "up" : "drained" }));
  } catch (error) { tellError(error); }
}

export async function close(session) {
  if (!(await confirmed(`Reset the session of ${session.downstream || "a local consumer"} over ${session.link}? Both sides see a broken connection. This cannot be undone.`, "Reset it"))) return;
  try {
    await ask("DELETE", `/v1/sessions/${encodeURIComponent(session.id)}`, {});
    tell(`the session of ${session.downstream || "a local consumer"} was reset`);
  } catch (error) { tellError(error); }
}

function confirmed(text, word) {
  at("confirm-text").textContent = text;
  at("confirm-yes").textContent = word;
  at("confirm").returnValue = "no";
  at("confirm").showModal();
  return new Promise((resolve) => at("confirm").addEventListener("close", () => resolve(at("confirm").returnValue === "yes"), { once: true }));
}

let rewired = null;  // the link that the dialog is about

export function rewire(link) {
  rewired = link;
  at("rewire-title").textContent = `Rewire ${link.name}`;
  at("rewire-now").textContent = `Now: ${link.upstream.join(", ")}` + (link.declared.length ? `; its source says ${link.declared.join(", ")}` : "");
  at("targets").value = link.upstream.join("\n");
  at("existing").value = "";
  show();
  at("rewire-back").hidden = link.declared.length === 0;
  at("rewire").showModal();
  at("targets").select();
}

const wishes = () => {
  const targets = at("targets").value.split(/[\n,]/).map((target) => target.trim()).filter(Boolean);
  return { upstream: targets, ...(at("existing").value ? { existing: at("existing").value } : {}) };
};

/** In the dialog. Where only the check of the targets forbids a change, it can be made all the same. */
function show({ bad = [], plan = [], isForceOffered = false } = {}) {
  const list = (kind, lines) => element("ul", { class: kind }, ...lines.map((line) => (typeof line === "string" ? element("li", {}, line) : line)));
  at("preview").replaceChildren(...(plan.length ? [list("plan", plan)] : []), ...(bad.length ? [list("bad", bad)] : []));
  at("rewire-force").hidden = !isForceOffered;
}

/** What the check of a target found. */
function inLine(finding) {
  const where = finding.address && !finding.target.endsWith(finding.address) ? ` at ${finding.address}` : "";
  return element("li", { class: finding.is_well ? "found up" : "found down" }, `${finding.is_well ? "✓" : "✕"} ${finding.target}${where}: ${finding.said}`);
}

function former(plan) {
  const fate = plan.existing === "keep" ? "kept" : plan.existing === "cut" ? "reset" : `reset after ${plan.existing.replace("drain=", "")}, unless they end before`;
  return `${plan.former_sessions} ${plan.former_sessions === 1 ? "session" : "sessions"} at former endpoints: ${fate}`;
}

async function change(body) {
  at("rewire-busy").hidden = false;
  try {
    return await ask("PATCH", linkPath(rewired.name), body);
  } catch (error) {
    const targets = error.targets ?? [];
    if (targets.length) show({ plan: targets.map(inLine), bad: [error.message], isForceOffered: true });
    else show({ bad: inWords(error) });
    return null;
  } finally { at("rewire-busy").hidden = true; }
}

async function preview() {
  const plan = await change({ ...wishes(), dry_run: true });
  if (!plan) return;
  const lines = plan.steps.map((step) => `${{ add: "+", remove: "−", change: "~" }[step.kind] ?? step.kind} ${step.link}: ${step.details.join("; ")}`);
  if (lines.length === 0) lines.push("nothing would change");
  lines.push(...plan.targets.map(inLine));
  if (plan.targets_left_out) lines.push(`${plan.targets_left_out} more were not checked`);
  if (plan.former_sessions) lines.push(former(plan));
  show({ plan: lines, bad: plan.refusal ? [plan.refusal] : [], isForceOffered: plan.refusal !== "" });
}

async function apply(body) {
  const before = rewired;
  const changed = await change(body);
  if (!changed) return;
  at("rewire").close();
  const undo = async () => {
    try {
      await ask("PATCH", linkPath(before.name), before.declared.length ? { upstream: before.upstream, force: true } : { back: true });
      tell(`${before.name} forwards to ${before.upstream.join(", ")} again`);
    } catch (error) { tellError(error); }
  };
  if (!changed.was_applied) return tell(`${before.name}: nothing has changed`);
  const down = changed.targets.filter((one) => !one.is_well).map((one) => `${one.address || one.target}: ${one.said}`);
  const where = body.back ? `${before.name} forwards to ${before.declared.join(", ")} again` : `${before.name} now forwards to ${body.upstream.join(", ")}`;
  tell(down.length ? `${where}; but ${down.join("; ")}` : where, undo);
}

at("rewire-preview").addEventListener("click", preview);
at("rewire-cancel").addEventListener("click", () => at("rewire").close());
at("rewire-back").addEventListener("click", () => apply({ back: true, ...(at("existing").value ? { existing: at("existing").value } : {}) }));
at("rewire-force").addEventListener("click", () => apply({ ...wishes(), force: true }));
for (const id of ["targets", "existing"]) at(id).addEventListener("input", () => show());
at("rewire").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  apply(wishes());
});
