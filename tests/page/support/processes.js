// SPDX-License-Identifier: Apache-2.0
// Programs that a test starts, and that end with it.
import { spawn, spawnSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import net from "node:net";

export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits for something to come true; fails with `what` after 20 seconds. */
export async function eventually(condition, what) {
  for (const end = Date.now() + 20_000; Date.now() < end; await pause(20)) {
    const value = await condition();
    if (value) return value;
  }
  throw new Error(`not within 20 s: ${typeof what === "function" ? what() : what}`);
}

export function run(command, words, options = {}) {
  const done = spawnSync(command, words, { encoding: "utf8", timeout: 60_000, ...options });
  if (done.status !== 0) throw new Error(`${command} ended with ${done.status}: ${done.error ?? ""} ${done.stderr}`);
  return done.stdout;
}

/** A process with what it says on standard error; end() waits for its exit code. */
export class Process {
  constructor(command, words, options = {}) {
    this.command = command;
    this.said = "";
    this.child = spawn(command, words, { stdio: ["ignore", "ignore", "pipe"], ...options });
    this.child.stderr.on("data", (data) => { this.said += data; });
    this.exit = new Promise((resolve) => this.child.on("exit", resolve).on("error", () => resolve(-1)));
  }

  get isAlive() { return this.child.exitCode === null && this.child.signalCode === null && this.child.pid !== undefined; }

  async end(signal = "SIGTERM") {
    if (!this.isAlive) return this.exit;
    this.child.kill(signal);
    const patience = new AbortController();
    const code = await Promise.race([this.exit, pause(15_000, "late", { signal: patience.signal, ref: false }).catch(() => "late")]);
    patience.abort();
    if (code !== "late") return code;
    this.child.kill("SIGKILL");
    throw new Error(`${this.command} did not end: ${this.said.slice(-2000)}`);
  }
}
