// A hostile page in real Chromium changes nothing and reads nothing but health.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HostileSite, openHostileSite } from "./hostile-site.ts";

let site: HostileSite;
beforeAll(async () => {
  site = await openHostileSite();
});
afterAll(() => site.close());

describe("a hostile page", () => {
  it("that reaches the companion with everything a browser sends unasked changes nothing, reads nothing but health", async () => {
    await site.visit(["sandboxed srcdoc"]);
  }, 180_000);

  it("whose name was bound anew to this machine is told nothing", async () => {
    const { test, browser, state } = site;
    const before = state();
    const page = await browser.newPage();
    const base = `http://evil.test:${test.server.port}`;
    // The page came from the attacker's server; from then on its name leads here.
    await page.route(`${base}/attack`, (route) => route.fulfill({ contentType: "text/html", body: "<body>" }));
    await page.goto(`${base}/attack`);
    const answers = await page.evaluate(async (bearer) => {
      const paths = ["/v1/health", "/v1/jobs", "/", "/v1/openapi.json"];
      const headers = { Authorization: `Bearer ${bearer}` };
      return Promise.all(paths.map(async (path) => (await fetch(path, { headers })).status));
    }, test.panel.session);
    expect(answers).toEqual([421, 421, 421, 421]);
    await page.close();
    expect(state()).toBe(before);
  });
});

describe("the companion's own page", () => {
  it("trades its ticket, shows a code on Connect, and keeps the ticket out of its address", async () => {
    const { test, browser } = site;
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    await page.goto(test.server.pageAddress());
    await page.getByRole("button", { name: "Connect" }).click();
    // Not by waitForFunction, which may have to evaluate a text: the page's policy forbids that.
    await expect.poll(() => page.textContent("#code")).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(await page.textContent("#code")).toBe(test.server.window.open().code.replace(/^(.{4})/, "$1-"));
    expect(page.url()).toBe(`${test.server.address}/`);
    expect(problems).toEqual([]);
    await page.close();
    test.server.window.close();
  });

  it("without a ticket says where to find one", async () => {
    const { test, browser } = site;
    const page = await browser.newPage();
    await page.goto(test.server.address);
    await page.getByText("open the address that the terminal shows").waitFor();
    expect(await page.getByRole("button", { name: "Connect" }).isVisible()).toBe(false);
    await page.close();
  });
});
