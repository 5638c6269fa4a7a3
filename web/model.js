// SPDX-License-Identifier: Apache-2.0
// What the page knows: the last numbers, and what has changed in the seconds before them. No element is touched here.

const kSeconds = 60;

/** The upper bound of the bucket that holds this share of what was counted; null of nothing, Infinity beyond the last. */
export function quantile(bounds, counts, share) {
  const all = counts.reduce((sum, one) => sum + one, 0);
  if (all === 0) return null;
  let seen = 0;
  for (let i = 0; i < bounds.length; ++i) {
    seen += counts[i];
    if (seen >= all * share) return bounds[i];
  }
  return Infinity;
}

const minus = (now, then) => now.map((value, i) => Math.max(0, value - (then?.[i] ?? 0)));

export class Model {
  numbers = null;
  sessions = { sessions: [], left_out: 0 };
  events = [];
  #before = [];  // numbers of the last minute, the oldest first

  take(numbers) {
    // Another program answers at this address: nothing before is worth a comparison.
    if (this.numbers && this.numbers.status.pid !== numbers.status.pid) this.#before = [];
    this.numbers = numbers;
    this.#before.push(numbers);
    while (this.#before[0].time_ms < numbers.time_ms - kSeconds * 1000) this.#before.shift();
  }

  addEvent(event) {
    this.events.unshift(event);
    this.events.length = Math.min(this.events.length, 300);
  }

  get status() { return this.numbers.status; }

  links() {
    const histories = new Map();
    for (const numbers of this.#before) {
      numbers.status.links.forEach((link, i) => {
        const history = histories.get(link.name) ?? [];
        histories.set(link.name, history);
        history.push({ at: numbers.time_ms, link, times: numbers.links[i] });
      });
    }
    return this.status.links.map((link) => describe(link, histories.get(link.name)));
  }

  /** Of the whole process, in the last second. */
  vitals() {
    const [then, now] = [this.#before.at(-2) ?? this.numbers, this.numbers];
    const elapsed_us = Math.max(1, now.time_ms - then.time_ms) * 1000;
    return { cpu: (now.process.cpu_us - then.process.cpu_us) / elapsed_us, memory: now.process.resident_bytes,
             dropped: now.log_lines_dropped };
  }
}

function describe(link, history) {
  const now = history.at(-1), first = history[0];
  const rate = (of) => {
    const then = history.at(-3) ?? first;
    const elapsed = (now.at - then.at) / 1000;
    return elapsed > 0 ? Math.max(0, of(now.link) - of(then.link)) / elapsed : 0;
  };
  const failed = (one) => Object.entries(one.closed).reduce((sum, [reason, count]) => sum + (reason === "eof" ? 0 : count), 0);
  const recent = (of) => {
    const counts = minus(of(now.times).counts, history.length > 1 ? of(first.times).counts : null);
    return (share) => quantile(of(now.times).bounds_ms, counts, share);
  };
  const flow = history.slice(1).map((one, i) => {
    const before = history[i], elapsed = Math.max(1, one.at - before.at) / 1000;
    return (bytesOf(one.link) - bytesOf(before.link)) / elapsed;
  });
  return {
    ...link,
    newPerSecond: rate((one) => one.opened),
    upPerSecond: rate((one) => one.bytes_to_upstream),
    downPerSecond: rate((one) => one.bytes_to_downstream),
    connect: recent((times) => times.connect),
    firstByte: recent((times) => times.first_byte),
    failedLately: Math.max(0, failed(now.link) - failed(first.link)),
    flow: flow.map((value) => Math.max(0, value)),
    rtt: pathTime(now.times.upstream),
  };
}

const bytesOf = (link) => link.bytes_to_upstream + link.bytes_to_downstream;
const pathTime = (path) => (path.sessions ? path.rtt_us / path.sessions / 1000 : null);

/** Text that a filter is looked for in. */
export const linkText = (link) => [link.name, link.state, ...link.listen, ...link.upstream, ...link.from,
  ...link.endpoints.flatMap((one) => [one.address, one.health]), ...Object.keys(link.protocols ?? {})].join(" ").toLowerCase();
export const sessionText = (one) => [one.id, one.link, one.downstream, one.upstream, one.state, one.protocol ?? "",
  one.server_name ?? ""].join(" ").toLowerCase();
export const matches = (text, filter) => filter.split(/\s+/).every((word) => text.includes(word));

/** "10.0.0.1:40000" without its port; "a consumer" for one without an address. */
export const hostOf = (address) => (address && address !== "-" ? address.replace(/:\d+$/, "") : "(local)");
