// SPDX-License-Identifier: Apache-2.0
// What a test plays on: real servers, the shipped program between them and real clients, and its page.
import { mkdtempSync, rmSync, writeFileSync, readdirSync, chmodSync, chownSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect } from "@playwright/test";
import { eventually, freePort, Process, run } from "./processes.js";

const kRoot = fileURLToPath(new URL("../../..", import.meta.url));
const kBinary = process.env.AMBASSADOR_BINARY ?? path.join(kRoot, "build/release/ambassador");
export const kToken = "the-token-of-the-page-tests";

/** A client that asks again and again, until the stage is cleared. */
class Caller {
  constructor(port, question, every_ms, localAddress) {
    this.answers = 0;
    this.isCut = false;
    this.socket = net.connect({ port, host: "127.0.0.1", localAddress }, () => { this.timer = setInterval(() => this.socket.write(question), every_ms); });
    this.socket.on("data", () => { this.answers += 1; });
    this.socket.on("error", () => {});  // whether it was a reset is judged by other tests; a write may have met it first
    this.socket.on("close", () => { this.isCut = true; clearInterval(this.timer); });
  }
  end() { this.socket.destroy(); }
}

class Ambassador {
  constructor(process, port) { Object.assign(this, { process, port }); }
  get url() { return `http://127.0.0.1:${this.port}`; }
  async api(method, target, body) {
    const response = await fetch(this.url + target, { method, headers: { Authorization: `Bearer ${kToken}`, "Content-Type": "application/json" }, body: body && JSON.stringify(body) });
    const text = await response.text();
    return text ? JSON.parse(text) : null;
  }
  link(name) { return this.api("GET", `/v1/links/${encodeURIComponent(name)}`); }
}

class Stage {
  constructor() {
    this.folder = mkdtempSync(path.join(os.tmpdir(), "ambassador-page-"));
    chmodSync(this.folder, 0o755);
    this.running = [];
  }

  port() { return freePort(); }

  start(command, words, options) {
    const process = new Process(command, words, { cwd: "/", ...options });
    this.running.push(process);
    return process;
  }

  async redis() {
    const port = await freePort();
    const process = this.start("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", this.folder]);
    await eventually(() => accepts(port), () => `redis-server: ${process.said}`);
    return { port, url: `tcp://127.0.0.1:${port}`, process };
  }

  async postgres() {
    const port = await freePort(), data = path.join(this.folder, `postgres-${port}`);
    const programs = path.join("/usr/lib/postgresql", readdirSync("/usr/lib/postgresql").sort().at(-1), "bin");
    const user = process.getuid() === 0 ? { uid: Number(run("id", ["-u", "postgres"])), gid: Number(run("id", ["-g", "postgres"])) } : {};
    run("mkdir", [data]);
    if (user.uid) chownSync(data, user.uid, user.gid);
    run(path.join(programs, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--locale", "C", "-E", "UTF8"], { ...user, cwd: "/" });
    const server = this.start(path.join(programs, "postgres"), ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${data}`, "-c", "fsync=off"], user);
    await eventually(() => server.isAlive && run("sh", ["-c", `pg_isready -q -h 127.0.0.1 -p ${port}; echo $?`]).trim() === "0", () => `postgres: ${server.said}`);
    return { port, url: `tcp://127.0.0.1:${port}`, process: server };
  }

  /** {name: {listen, upstream, …options}} */
  async ambassador(links, environment = {}) {
    const admin = await freePort(), file = path.join(this.folder, `links-${admin}.toml`);
    const tables = Object.entries(links).map(([name, options]) => `[links.${JSON.stringify(name)}]\n${Object.entries(options).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join("")}`);
    writeFileSync(file, tables.join("\n"));
    const running = this.start(kBinary, ["--config", file], { env: { PATH: "/usr/bin:/bin", AMBASSADOR_LOG: "json", AMBASSADOR_CONTROL: "none", AMBASSADOR_DRAIN: "0",
      AMBASSADOR_ADMIN: `127.0.0.1:${admin}`, AMBASSADOR_ADMIN_TOKEN: kToken, ...environment } });
    await eventually(() => running.said.includes('"event":"ready"') || !running.isAlive, () => `ambassador: ${running.said}`);
    expect(running.isAlive, running.said).toBe(true);
    return Object.assign(new Ambassador(running, admin), { file });
  }

  /** Asks redis for a PING at this pace, from this address. */
  pings(port, every_ms = 20, from = undefined) {
    const caller = new Caller(port, "*1\r\n$4\r\nPING\r\n", every_ms, from);
    this.running.unshift({ end: async () => caller.end() });
    return caller;
  }

  async clear() {
    for (const one of this.running.reverse()) await one.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => { socket.destroy(); resolve(true); }).on("error", () => resolve(false));
  });
}

/** Which redis answers: the port that it says it listens on. */
export function redisBehind(port) {
  return Number(run("redis-cli", ["-p", String(port), "config", "get", "port"]).trim().split("\n").at(-1));
}

export const test = base.extend({
  stage: async ({}, use) => {
    const stage = new Stage();
    try {
      await use(stage);
    } finally {
      await stage.clear();
    }
  },
  /** open(ambassador): its page, let in, with the first numbers shown. A mistake on the page fails the test. */
  open: async ({ page }, use) => {
    const mistakes = [];
    page.on("pageerror", (error) => mistakes.push(String(error)));
    page.on("console", (message) => message.type() === "error" && !/status of 4\d\d/.test(message.text()) && mistakes.push(message.text()));
    let mayLoseIt = false;
    await use(async (ambassador, options = {}) => {
      mayLoseIt = options.mayLoseIt ?? false;
      await page.goto(`${ambassador.url}/#token=${kToken}`);
      await expect(page.getByRole("table", { name: "Every link" })).toBeVisible();
      return page;
    });
    expect(mistakes.filter((mistake) => !mayLoseIt || !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE/.test(mistake))).toEqual([]);
  },
});

export const row = (page, link) => page.locator("#links-table tbody tr").filter({ has: page.getByRole("button", { name: link, exact: true }) });
export const figure = (page, link, name) => row(page, link).locator(`[data-name="${name}"]`);
export { expect, freePort, run };
