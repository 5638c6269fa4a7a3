// SPDX-License-Identifier: Apache-2.0
// The page in full life, on a desk and on a phone. PAGE_SHOTS=../../docs/images makes the picture of README from it.
import path from "node:path";
import { test, expect, figure, freePort, row } from "./support/stage.js";

async function town(stage) {
  const [cache, replica, database] = [await stage.redis(), await stage.redis(), await stage.postgres()];
  const [a, b, c, d, nobody] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()];
  const often = { health_interval: "300ms" };
  const ambassador = await stage.ambassador({
    redis: { listen: a, upstream: [cache.url, replica.url], health: "redis", policy: "round_robin", ...often },
    postgres: { listen: b, upstream: [database.url, `tcp://127.0.0.1:${nobody}`], health: "tcp", ...often },
    queue: { listen: c, upstream: `tcp://127.0.0.1:${nobody}`, health: "tcp", ...often },
    sessions: { listen: d, upstream: replica.url },
  });
  stage.start("redis-benchmark", ["-p", String(a), "-t", "get", "-c", "8", "-l", "-q", "-d", "100"]);
  stage.start("sh", ["-c", `pgbench -i -q -s 1 -h 127.0.0.1 -p ${b} -U postgres postgres && exec pgbench -n -c 4 -T 600 -h 127.0.0.1 -p ${b} -U postgres postgres`]);
  for (let i = 0; i < 6; ++i) stage.pings(d, 30, `127.0.${i % 3}.1`);
  return { ambassador, cache, sessions: d };
}

test("a town of links is shown whole, on a desk and on a phone", async ({ stage, open }, info) => {
  test.setTimeout(120_000);
  const shot = (name, folder = info.outputDir) => page.screenshot({ path: path.join(folder, `${name}.png`) });
  const { ambassador, cache } = await town(stage);
  const page = await open(ambassador);
  await expect(figure(page, "sessions", "Sessions")).toHaveText("6");
  await ambassador.api("PATCH", "/v1/links/sessions", { upstream: cache.url });
  await expect(row(page, "queue").locator(".badge")).toHaveText("down");
  await expect(figure(page, "postgres", "Sessions")).toHaveText("4");
  await expect(figure(page, "postgres", "← down")).toHaveText(/[1-9].* kB\/s$/);
  await expect(figure(page, "redis", "First byte p99")).toHaveText(/^≤/);
  for (const words of ["former, 6 sessions", "✕ down", "nobody now", "127.0.2.1", "rewired"]) await expect(page.locator("#picture")).toContainText(words);
  await expect.poll(() => page.locator("polyline.spark").first().evaluate((line) => line.points.numberOfItems)).toBeGreaterThan(9);
  await page.evaluate(() => scrollTo(0, 0));
  await shot("page", process.env.PAGE_SHOTS);
  await page.emulateMedia({ colorScheme: "dark" });
  await shot("page-dark");
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(page.locator("#picture svg")).toHaveAttribute("width", /^3\d\d$/);
  await shot("page-phone");
});
