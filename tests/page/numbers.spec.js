// SPDX-License-Identifier: Apache-2.0
// What is shown moves with real traffic.
import { test, expect, figure, row, run } from "./support/stage.js";

test("sessions, rates and times of redis move while it is asked", async ({ stage, open }) => {
  const redis = await stage.redis(), port = await stage.port();
  const page = await open(await stage.ambassador({ cache: { listen: port, upstream: redis.url, health: "redis", health_interval: "200ms" } }));
  await expect(figure(page, "cache", "Sessions")).toHaveText("0");
  for (let i = 0; i < 3; ++i) stage.pings(port);
  await expect(figure(page, "cache", "Sessions")).toHaveText("3");
  await expect(figure(page, "cache", "→ up")).toHaveText(/^[1-9][0-9.]* kB\/s$/);
  await expect(figure(page, "cache", "Connect p99")).toHaveText(/^≤ \d+ ms$/);
  await expect(page.locator("#sessions-table tbody tr")).toHaveCount(3);
  await expect(page.locator("#sessions-table tbody tr").first().locator('[data-name="Speaks"]')).toHaveText("redis");
  await expect(page.locator("#picture")).toContainText("3 sessions");
  await expect(page.locator("#picture")).toContainText(`127.0.0.1:${redis.port}`);
});

test("PostgreSQL under pgbench is seen as what it is", async ({ stage, open }) => {
  const postgres = await stage.postgres(), port = await stage.port();
  const page = await open(await stage.ambassador({ database: { listen: port, upstream: postgres.url, health: "postgres", health_interval: "200ms" } }));
  const where = ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "postgres"];
  run("pgbench", ["-i", "-q", "-s", "1", ...where]);
  const bench = stage.start("pgbench", ["-n", "-c", "2", "-T", "60", ...where]);
  await expect(figure(page, "database", "Sessions")).toHaveText("2");
  await expect(figure(page, "database", "← down")).toHaveText(/ kB\/s$/);
  await page.getByRole("button", { name: "database", exact: true }).click();
  await expect(page.locator(".detail")).toContainText(/speaks: postgres \d/);
  await bench.end();
});

test("a provider that dies is shown as down, and why", async ({ stage, open }) => {
  const redis = await stage.redis(), port = await stage.port();
  const page = await open(await stage.ambassador({ cache: { listen: port, upstream: redis.url, health: "redis", health_interval: "100ms", health_fall: 1 } }));
  await expect(row(page, "cache").locator(".badge")).toHaveText("up");
  await redis.process.end("SIGKILL");
  await expect(row(page, "cache").locator(".badge")).toHaveText("down");
  await expect(page.locator("#picture")).toContainText("✕ down");
  await page.getByRole("button", { name: "cache", exact: true }).click();
  await expect(page.locator(".detail")).toContainText(/endpoint_down, .*127\.0\.0\.1/);
  await expect(page.locator("#events")).toContainText("endpoint_down");
});

test("a replica where the primary is wanted is a standby, and nothing about it is red", async ({ stage, open }) => {
  const [primary, replica] = [await stage.redis(), await stage.redis()], port = await stage.port();
  run("redis-cli", ["-p", String(replica.port), "replicaof", "127.0.0.1", String(primary.port)]);
  const page = await open(await stage.ambassador({ cache: { listen: port, upstream: [replica.url, primary.url], health: "redis-primary", health_interval: "100ms" } }));
  await expect(row(page, "cache").locator(".badge")).toHaveText("up");
  await expect(page.locator("#picture")).toContainText("◇ standby, 0 sessions");
  await expect(page.locator("#picture .edge.standby")).toHaveCount(1);
  await page.getByRole("button", { name: "cache", exact: true }).click();
  await expect(page.locator(".detail li.standby")).toContainText(`it is a replica of 127.0.0.1:${primary.port}`);
  await expect(page.locator(".detail")).not.toContainText("endpoint_down");
  const red = await page.evaluate(() => {
    const probe = document.body.appendChild(Object.assign(document.createElement("i"), { className: "bad" })), bad = getComputedStyle(probe).color;
    probe.remove();
    const colours = [...document.querySelectorAll(".standby")].flatMap((one) => ["color", "fill", "stroke"].map((name) => getComputedStyle(one)[name]));
    return { asked: colours.length, found: colours.filter((colour) => colour === bad).length };
  });
  expect(red.asked).toBeGreaterThan(9);
  expect(red.found).toBe(0);
});

test("a filter leaves what it names", async ({ stage, open }) => {
  const redis = await stage.redis(), [a, b] = [await stage.port(), await stage.port()];
  const page = await open(await stage.ambassador({ cache: { listen: a, upstream: redis.url }, queue: { listen: b, upstream: redis.url } }));
  stage.pings(a);
  await expect(page.locator("#sessions-table tbody tr")).toHaveCount(1);
  await page.keyboard.press("/");
  await page.keyboard.type("queue");
  await expect(row(page, "cache")).toHaveCount(0);
  await expect(row(page, "queue")).toHaveCount(1);
  await expect(page.locator("#sessions-table tbody tr")).toHaveCount(0);
  await expect(page.locator("#matches")).toHaveText("1 of 2 links, 0 sessions");
  await page.keyboard.press("Escape");
  await expect(row(page, "cache")).toHaveCount(1);
});

test("when the program ends it says that what is shown is old", async ({ stage, open }) => {
  const redis = await stage.redis();
  const ambassador = await stage.ambassador({ cache: { listen: await stage.port(), upstream: redis.url } });
  const page = await open(ambassador, { mayLoseIt: true });
  await ambassador.process.end();
  await expect(page.locator("#stale")).toContainText("what is shown is old");
});

test("a thousand links are shown in part, and found by a filter", async ({ stage, open }) => {
  const links = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`link-${i}`, { listen: `unix://${stage.folder}/${i}.sock`, upstream: `unix://${stage.folder}/nobody.sock` }]));
  const page = await open(await stage.ambassador(links));
  await expect(page.locator("#links-note")).toHaveText("the first 100 of 1000; filter for others");
  await expect(page.locator("#links-table tbody tr")).toHaveCount(100);
  await expect(page.locator("#picture")).toContainText("and 988 more links");
  await page.getByLabel("Filter").fill("link-999");
  await expect(row(page, "link-999")).toHaveCount(1);
  await expect(page.locator("#links-table tbody tr")).toHaveCount(1);
});
