// A hostile page in real Chromium changes nothing and reads nothing but health.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "../../setup/browser.ts";
import { startTestServer, type TestServer } from "./harness.ts";
import { ATTACKERS, hostilePage, type Reading } from "./hostile-page.ts";

let test: TestServer;
let jobId: string;
let attacker: Server;
let browser: Browser;
beforeAll(async () => {
  test = await startTestServer();
  jobId = test.fake.addJob().id;
  attacker = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(hostilePage(`http://localhost:${test.server.port}`));
  });
  await new Promise<void>((resolve) => attacker.listen(0, "127.0.0.1", resolve));
  browser = await launchBrowser([
    "--host-resolver-rules=MAP evil.test 127.0.0.1",
    // Chromium's own wall around this machine is taken away: what stands must be the companion's.
    "--disable-features=LocalNetworkAccessChecks",
  ]);
});
afterAll(async () => {
  await browser.close();
  await new Promise((resolve) => attacker.close(resolve));
  await test.stop();
});

const state = () => JSON.stringify([test.fake.snapshot(), test.server.tokens.list("").map(({ id }) => id)]);

describe("a hostile page", () => {
  it("that reaches the companion with everything a browser sends unasked changes nothing, reads nothing but health", async () => {
    const before = state();
    const page = await browser.newPage();
    await page.goto(`http://evil.test:${(attacker.address() as AddressInfo).port}/`, {
      waitUntil: "commit",
    });
    await page.waitForFunction(`window.finished.length === ${ATTACKERS.length}`);
    const readings = await page.evaluate<Reading[]>("readings");
    const finished = await page.evaluate<string[]>("finished");
    expect(finished.sort()).toEqual([...ATTACKERS].sort());
    // The frames were at work: their opaque origin lets them read refusals.
    expect(readings.length).toBeGreaterThan(100);
    expect(readings.filter(({ from }) => from === "page")).toEqual([]);
    const successes = readings.filter(({ status }) => status < 400);
    expect(new Set(successes.map(({ path }) => path))).toEqual(new Set(["/v1/health"]));
    const secrets = [jobId, test.dataFolder, test.panel.id, process.cwd()];
    for (const { text } of readings) for (const secret of secrets) expect(text).not.toContain(secret);
    // Its own pages refuse to be framed.
    const framed = page.frames().filter((frame) => frame.name().startsWith("framed "));
    expect(framed.length).toBeGreaterThan(0);
    for (const frame of framed) expect(await frame.content()).not.toContain("Impasto is running");
    await page.close();
    expect(state()).toBe(before);
  });

  it("whose name was bound anew to this machine is told nothing", async () => {
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
    const page = await browser.newPage();
    await page.goto(test.server.address);
    await page.getByText("open the address that the terminal shows").waitFor();
    expect(await page.getByRole("button", { name: "Connect" }).isVisible()).toBe(false);
    await page.close();
  });
});
