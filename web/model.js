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

const failures = (closed) => Object.entries(closed).reduce((sum, [reason, count]) => sum + (reason === "eof" ? 0 : count), 0);

/** What a later moment is compared with: little enough for a thousand links and a minute. */
const pointOf = (at, link, times) => ({
  at, opened: link.opened, up: link.bytes_to_upstream, down: link.bytes_to_downstream, failed: failures(link.closed),
  connect: times.connect.counts, firstByte: times.first_byte.counts,
});

export class Model {
  numbers = null;
  sessions = { sessions: [], left_out: 0 };
  events = [];
  #histories = new Map();  // of each link, the points of the last minute, the oldest first
  #processes = [];         // the last two

  take(numbers) {
    // Another program answers at this address: nothing before is worth a comparison.
    if (this.numbers && this.numbers.status.pid !== numbers.status.pid) [this.#histories, this.#processes] = [new Map(), []];
    this.numbers = numbers;
    this.#processes = [...this.#processes.slice(-1), { at: numbers.time_ms, cpu_us: numbers.process.cpu_us }];
    const before = this.#histories;
    this.#histories = new Map(numbers.status.links.map((link, i) => {
      const history = before.get(link.name) ?? [];
      history.push(pointOf(numbers.time_ms, link, numbers.links[i]));
      while (history[0].at < numbers.time_ms - kSeconds * 1000) history.shift();
      return [link.name, history];
    }));
  }

  addEvent(event) {
    this.events.unshift(event);
    this.events.length = Math.min(this.events.length, 300);
  }

  get status() { return this.numbers.status; }

  links() {
    return this.status.links.map((link, i) => describe(link, this.numbers.links[i], this.#histories.get(link.name)));
  }

  /** Of the whole process, in the last second. */
  vitals() {
    const [then, now] = [this.#processes[0], this.#processes.at(-1)];
    return { cpu: (now.cpu_us - then.cpu_us) / Math.max(1, (now.at - then.at) * 1000), memory: this.numbers.process.resident_bytes,
             dropped: this.numbers.log_lines_dropped };
  }
}

function describe(link, times, history) {
  const now = history.at(-1), first = history[0], shortly = history.at(-3) ?? first;
  const rate = (key) => (now.at > shortly.at ? (Math.max(0, now[key] - shortly[key]) * 1000) / (now.at - shortly.at) : 0);
  const recent = (key, histogram) => {
    const counts = minus(now[key], history.length > 1 ? first[key] : null);
    return (share) => quantile(histogram.bounds_ms, counts, share);
  };
  const flowing = (one, before) => (Math.max(0, one.up + one.down - before.up - before.down) * 1000) / Math.max(1, one.at - before.at);
  return {
    ...link,
    newPerSecond: rate("opened"),
    upPerSecond: rate("up"),
    downPerSecond: rate("down"),
    connect: recent("connect", times.connect),
    firstByte: recent("firstByte", times.first_byte),
    failedLately: Math.max(0, now.failed - first.failed),
    flow: history.slice(1).map((one, i) => flowing(one, history[i])),
    rtt: times.upstream.sessions ? times.upstream.rtt_us / times.upstream.sessions / 1000 : null,
  };
}

/** Text that a filter is looked for in. */
export const linkText = (link) => [link.name, link.state, ...link.listen, ...link.upstream, ...link.from,
  ...link.endpoints.flatMap((one) => [one.address, one.health]), ...Object.keys(link.protocols ?? {})].join(" ").toLowerCase();
export const sessionText = (one) => [one.id, one.link, one.downstream, one.upstream, one.state, one.protocol ?? "",
  one.server_name ?? ""].join(" ").toLowerCase();
export const matches = (text, filter) => filter.split(/\s+/).every((word) => text.includes(word));

/** "10.0.0.1:40000" without its port; "a consumer" for one without an address. */
export const hostOf = (address) => (address && address !== "-" ? address.replace(/:\d+$/, "") : "(local)");
