// SPDX-License-Identifier: Apache-2.0
// Who may look: the page itself is for everybody who reaches the port, what it shows is behind the token.
import { test, expect, kToken } from "./support/stage.js";

test.describe("the door", () => {
  let ambassador;
  test.beforeEach(async ({ stage }) => {
    const redis = await stage.redis();
    ambassador = await stage.ambassador({ cache: { listen: await stage.port(), upstream: redis.url } });
  });

  test("asks for the token and lets in who has it", async ({ page }) => {
    await page.goto(ambassador.url);
    await expect(page.getByRole("heading", { name: "Who is there?" })).toBeVisible();
    await expect(page.getByText("cache")).toHaveCount(0);
    await page.getByLabel("Token").fill(kToken);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: "cache", exact: true })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Who is there?" })).toBeHidden();
  });

  test("says that a token is wrong and asks again", async ({ page }) => {
    await page.goto(ambassador.url);
    await page.getByLabel("Token").fill("not-the-token-at-all");
    await page.getByRole("button", { name: "Come in" }).click();
    await expect(page.getByRole("alert")).toHaveText("That is not the token of this ambassador.");
    await page.getByLabel("Token").fill(kToken);
    await page.getByRole("button", { name: "Come in" }).click();
    await expect(page.getByRole("button", { name: "cache", exact: true })).toBeVisible();
  });

  test("takes the token from the address and drops it there", async ({ page }) => {
    await page.goto(`${ambassador.url}/#token=${kToken}`);
    await expect(page.getByRole("button", { name: "cache", exact: true })).toBeVisible();
    expect(page.url()).toBe(`${ambassador.url}/`);
  });

  test("remembers the token for this tab alone, and in no cookie", async ({ page, context }) => {
    await page.goto(`${ambassador.url}/#token=${kToken}`);
    await page.reload();
    await expect(page.getByRole("button", { name: "cache", exact: true })).toBeVisible();
    expect(await context.cookies()).toEqual([]);
    const other = await context.newPage();
    await other.goto(ambassador.url);
    await expect(other.getByRole("heading", { name: "Who is there?" })).toBeVisible();
  });

  test("is closed to a page of another origin", async ({ page }) => {
    await page.route("http://elsewhere.example/", (route) => route.fulfill({ contentType: "text/html", body: "<title>elsewhere</title>" }));
    await page.goto("http://elsewhere.example/");
    const tried = await page.evaluate(async ([url, token]) => {
      const attempt = (options) => fetch(url, options).then((answer) => answer.status, () => "refused");
      return [await attempt({ headers: { Authorization: `Bearer ${token}` } }),
        await attempt({ method: "POST", mode: "no-cors", body: "{}" }).then((status) => (status === 0 ? "opaque" : status))];
    }, [`${ambassador.url}/v1/drain`, kToken]);
    expect(tried[0]).toBe("refused");
    expect((await ambassador.link("cache")).state).toBe("up");
  });
});
