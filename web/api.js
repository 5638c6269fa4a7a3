// SPDX-License-Identifier: Apache-2.0
// The control API of the program that served this page: questions, changes, and the stream of numbers and events.

const kToken = "ambassador.token";

export class Refused extends Error {}  // 401

/** What the API says of a request that it turned down. */
export class TurnedDown extends Error {
  constructor(status, answer) {
    super(answer.error ?? `status ${status}`);
    Object.assign(this, { status, accepted: answer.accepted ?? "", problems: answer.problems ?? [], targets: answer.targets ?? [] });
  }
}

/** http://host/#token=… is taken over, and leaves the address. */
export function takeTokenFromAddress() {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!found) return;
  setToken(found);
  history.replaceState(null, "", location.pathname);
}

export const setToken = (token) => sessionStorage.setItem(kToken, token);
export const forgetToken = () => sessionStorage.removeItem(kToken);

function headers(more = {}) {
  const token = sessionStorage.getItem(kToken);
  return token ? { Authorization: `Bearer ${token}`, ...more } : more;
}

export async function ask(method, path, body) {
  const change = method !== "GET";
  const response = await fetch(path, {
    method,
    headers: headers(change ? { "Content-Type": "application/json" } : {}),
    body: change && body !== undefined ? JSON.stringify(body) : undefined,
    credentials: "omit", cache: "no-store",
  });
  if (response.status === 401) throw new Refused();
  const text = await response.text();
  const answer = text ? JSON.parse(text) : null;
  if (!response.ok) throw new TurnedDown(response.status, answer ?? {});
  return answer;
}

export const linkPath = (name, rest = "") => `/v1/links/${encodeURIComponent(name)}${rest}`;

/** Calls take(event, data) for each server-sent event, until the stream ends, fails or `signal` ends it. */
export async function follow(path, signal, take) {
  const response = await fetch(path, { headers: headers(), signal, credentials: "omit", cache: "no-store" });
  if (response.status === 401) throw new Refused();
  if (!response.ok) throw new TurnedDown(response.status, await response.json());
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const fields = Object.fromEntries(part.split("\n").filter((line) => line && !line.startsWith(":"))
        .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trimStart()]));
      if (fields.data) take(fields.event ?? "message", JSON.parse(fields.data));
    }
  }
}
