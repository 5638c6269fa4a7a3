// SPDX-License-Identifier: Apache-2.0
// For every eye and screen: small, self-contained, light and dark, narrow, and readable by those who do not see it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test, expect, row, kToken } from "./support/stage.js";

const kAxe = readFileSync(fileURLToPath(new URL("node_modules/axe-core/axe.min.js", import.meta.url)), "utf8");

async function lively(stage, links = {}) {
  const redis = await stage.redis(), port = await stage.port();
  const ambassador = await stage.ambassador({ cache: { listen: port, upstream: redis.url }, gone: { listen: await stage.port(),
    upstream: `tcp://127.0.0.1:${await stage.port()}`, health: "tcp", health_interval: "100ms", health_fall: 1 }, ...links });
  stage.pings(port);
  return ambassador;
}

const settled = async (page) => {
  await expect(page.locator("#sessions-table tbody tr")).toHaveCount(1);
  await expect(row(page, "gone").locator(".badge")).toHaveText("down");
};

async function complaints(page) {
  await page.evaluate(kAxe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  return violations.map((one) => `${one.id}: ${one.help} (${one.nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join("; ")})`);
}

test("it is under 100 KiB and asks nobody else for anything", async ({ stage, open, page }) => {
  const asked = [], sizes = [];
  page.on("request", (request) => asked.push(new URL(request.url()).origin));
  page.on("response", async (response) => /\/($|page\/)/.test(new URL(response.url()).pathname) && sizes.push((await response.body()).length));
  const ambassador = await lively(stage);
  await settled(await open(ambassador));
  expect(new Set(asked)).toEqual(new Set([ambassador.url]));
  expect(sizes.length).toBeGreaterThan(5);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100 * 1024);
});

for (const colorScheme of ["light", "dark"]) {
  test(`its rules of accessibility hold in ${colorScheme} colours`, async ({ stage, open, page }) => {
    await page.emulateMedia({ colorScheme });
    await settled(await open(await lively(stage)));
    expect(await complaints(page)).toEqual([]);
    await page.getByRole("button", { name: "cache", exact: true }).click();
    await page.getByRole("button", { name: "Rewire cache" }).click();
    expect(await complaints(page)).toEqual([]);
  });
}

test("it is dark where the system is, and as the button says", async ({ stage, open, page }) => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "dark" });
  await open(await lively(stage));
  const dark = await paper();
  await page.getByRole("button", { name: "Colours: system" }).click();
  const light = await paper();
  expect(light).not.toBe(dark);
  await page.reload();
  await expect(page.getByRole("button", { name: "Colours: light" })).toBeVisible();
  expect(await paper()).toBe(light);
  await page.getByRole("button", { name: "Colours: light" }).click();
  expect(await paper()).toBe(dark);
});

test("on a phone nothing is wider than the screen", async ({ stage, open, page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await settled(await open(await lively(stage)));
  await page.getByRole("button", { name: "gone", exact: true }).click();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.getByRole("button", { name: "Rewire cache" }).click();
  await expect(page.getByRole("button", { name: "Apply" })).toBeInViewport();
});

test("a hostile name is text and nothing else", async ({ stage, page, open }) => {
  const redis = await stage.redis(), port = await stage.port();
  const name = `<img src=x onerror="document.title='taken'">`;
  const ambassador = await stage.ambassador({ cache: { listen: port, upstream: `${redis.url}` }, other: { listen: await stage.port(), upstream: "tcp://no-such-host.invalid:1" } });
  await page.route(`${ambassador.url}/v1/watch`, async (route) => {
    const response = await fetch(`${ambassador.url}/v1/status`, { headers: { Authorization: `Bearer ${kToken}` } });
    const status = await response.json();
    const hostile = { ...status.links[0], name, listen: [name], upstream: [name], state: name, endpoints: [{ target: name, address: name, health: name, reason: name, ejected_by: 0, sessions: 1 }] };
    const histogram = { bounds_ms: [1], counts: [0, 0], sum_ms: 0 }, none = { sessions: 0, rtt_us: 0, retransmitted: 0 };
    const numbers = { time_ms: 1, status: { ...status, links: [hostile] }, links: [{ connect: histogram, first_byte: histogram, life: histogram, downstream: none, upstream: none }], protocols: [], workers: [], names: [], log_lines_dropped: 0, process: { cpu_us: 0, resident_bytes: 0, open_descriptors: 0, most_descriptors: 0 } };
    const event = { time: new Date().toISOString(), level: "info", event: name, link: name };
    await route.fulfill({ contentType: "text/event-stream", body: `event: numbers\ndata: ${JSON.stringify(numbers)}\n\nevent: x\ndata: ${JSON.stringify(event)}\n\n` });
  });
  await open(ambassador);
  await expect(page.locator("#links-table tbody")).toContainText(name);
  await expect(page.locator("#events")).toContainText(name);
  await expect(page.locator("main img")).toHaveCount(0);
  await expect(page).toHaveTitle(/^([a-z ]+ · )?ambassador$/);
});
