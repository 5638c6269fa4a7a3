// SPDX-License-Identifier: Apache-2.0
// What can be done from the page is done to the program, can be seen before, and undone after.
import { test, expect, figure, redisBehind, row } from "./support/stage.js";
import { eventually } from "./support/processes.js";

test.describe("a link of redis", () => {
  let first, second, port, ambassador, page;
  test.beforeEach(async ({ stage, open }) => {
    [first, second, port] = [await stage.redis(), await stage.redis(), await stage.port()];
    ambassador = await stage.ambassador({ cache: { listen: port, upstream: first.url } });
    page = await open(ambassador);
  });

  const rewireTo = async (text) => {
    await page.getByRole("button", { name: "Rewire cache" }).click();
    await page.getByRole("textbox", { name: "Leads to" }).fill(text);
  };

  test("is rewired after a preview that changes nothing, and back again", async () => {
    await rewireTo(second.url);
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.locator("#preview")).toContainText(second.url);
    expect(redisBehind(port)).toBe(first.port);
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await expect(page.locator("#outcome")).toContainText(`cache now forwards to ${second.url}`);
    expect(redisBehind(port)).toBe(second.port);
    await expect(figure(page, "cache", "Leads to")).toContainText(`its source says ${first.url}`);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.locator("#outcome")).toContainText("again");
    expect(redisBehind(port)).toBe(first.port);
    expect((await ambassador.link("cache")).declared).toEqual([]);
  });

  test("cuts the sessions that are elsewhere when that is chosen", async ({ stage }) => {
    const caller = stage.pings(port);
    await eventually(() => caller.answers > 0, "an answer");
    await rewireTo(second.url);
    await page.getByLabel("Sessions that are elsewhere then").selectOption("cut");
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await eventually(() => caller.isCut, "the session is reset");
  });

  test("keeps the sessions that are elsewhere, and shows where they are", async ({ stage }) => {
    const caller = stage.pings(port);
    await eventually(() => caller.answers > 0, "an answer");
    await rewireTo(second.url);
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await expect(page.locator("#picture")).toContainText("former, 1 session");
    const before = caller.answers;
    await eventually(() => caller.answers > before + 5, "it goes on");
  });

  test("is not rewired to what cannot be, and says what could", async () => {
    await rewireTo("http://nonsense\ntcp://127.0.0.1:99999");
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await expect(page.locator("#preview")).toContainText("scheme 'http' is not supported");
    await expect(page.locator("#preview")).toContainText("port 99999 is out of range");
    await expect(page.locator("#preview")).toContainText("a port from 1 to 65535");
    await page.getByRole("button", { name: "Cancel" }).click();
    expect((await ambassador.link("cache")).upstream).toEqual([first.url]);
  });

  test("is not rewired to what is down, unless that is wanted all the same", async ({ stage }) => {
    const dead = `127.0.0.1:${await stage.port()}`;
    await rewireTo(`tcp://${dead}`);
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await expect(page.locator("#preview")).toContainText(`rewiring would take cache down: ${dead} refuses connections`);
    expect(redisBehind(port)).toBe(first.port);
    await page.getByRole("button", { name: "Apply all the same" }).click();
    await expect(page.locator("#outcome")).toContainText("refuses connections");
    expect((await ambassador.link("cache")).upstream).toEqual([`tcp://${dead}`]);
  });

  test("shows in the preview what each target is, and what becomes of the sessions", async ({ stage }) => {
    const caller = stage.pings(port), dead = `127.0.0.1:${await stage.port()}`;
    await eventually(() => caller.answers > 0, "an answer");
    await rewireTo(`${second.url}\ntcp://${dead}`);
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.locator("#preview")).toContainText(`${second.url}: up in`);
    await expect(page.locator("#preview")).toContainText(`tcp://${dead}: refuses connections`);
    await expect(page.locator("#preview")).toContainText("1 session at former endpoints: kept");
    await expect(page.getByRole("button", { name: "Apply all the same" })).toBeHidden();
    await page.getByRole("textbox", { name: "Leads to" }).fill(`tcp://${dead}`);
    await expect(page.locator("#preview")).toBeEmpty();
    await page.getByRole("button", { name: "Preview" }).click();
    await expect(page.locator("#preview")).toContainText("rewiring would take cache down");
    await expect(page.getByRole("button", { name: "Apply all the same" })).toBeVisible();
  });

  test("is drained, and takes sessions again when that is undone", async () => {
    await page.getByRole("button", { name: "Drain cache" }).click();
    await expect(row(page, "cache").locator(".badge")).toHaveText("drained");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(row(page, "cache").locator(".badge")).toHaveText("up");
    expect(redisBehind(port)).toBe(first.port);
  });

  test("has a session closed once that is confirmed", async ({ stage }) => {
    const caller = stage.pings(port);
    const close = page.getByRole("button", { name: /^Close session/ });
    await close.click();
    await page.getByRole("button", { name: "Leave it" }).click();
    const before = caller.answers;
    await eventually(() => caller.answers > before, "it goes on");
    await close.click();
    await page.getByRole("button", { name: "Reset it" }).click();
    await eventually(() => caller.isCut, "the session is reset");
    await expect(page.locator("#outcome")).toContainText("was reset");
    await expect(page.locator("#sessions-table tbody tr")).toHaveCount(0);
  });

  test("is rewired by the keyboard alone", async () => {
    await page.getByRole("button", { name: "Rewire cache" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("textbox", { name: "Leads to" })).toBeFocused();
    await page.keyboard.type(second.url);
    for (let i = 0; i < 8 && !(await page.getByRole("button", { name: "Apply", exact: true }).evaluate((node) => node === document.activeElement)); ++i) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(page.locator("#outcome")).toContainText("cache now forwards to");
    expect(redisBehind(port)).toBe(second.port);
  });
});
