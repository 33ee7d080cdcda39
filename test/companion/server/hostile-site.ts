// A site that attacks the companion from inside a real Chromium, and what must hold after a visit.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { expect } from "vitest";
import { launchBrowser } from "../../setup/browser.ts";
import { startTestServer, type TestServer } from "./harness.ts";
import { type AttackingFrame, hostilePage, type Reading } from "./hostile-page.ts";

/** A busy machine answers some thousand requests in a while. */
const ATTACK_MS = 150_000;

export interface HostileSite {
  test: TestServer;
  browser: Browser;
  /** What an attacker would like to change. */
  state(): string;
  /** Opens the page and waits until it and its frames have tried everything; nothing changed, nothing was told. */
  visit(frames: readonly AttackingFrame[]): Promise<void>;
  close(): Promise<void>;
}

export async function openHostileSite(): Promise<HostileSite> {
  const test = await startTestServer();
  const jobId = test.fake.addJob().id;
  let html = "";
  const attacker = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(html);
  });
  await new Promise<void>((resolve) => attacker.listen(0, "127.0.0.1", resolve));
  const { port } = attacker.address() as AddressInfo;
  const browser = await launchBrowser([
    "--host-resolver-rules=MAP evil.test 127.0.0.1",
    // Chromium's own wall around this machine is taken away: what stands must be the companion's.
    "--disable-features=LocalNetworkAccessChecks",
  ]);
  const state = () => JSON.stringify([test.fake.snapshot(), test.server.tokens.list("").map(({ id }) => id)]);

  async function visit(frames: readonly AttackingFrame[]): Promise<void> {
    const before = state();
    html = hostilePage(`http://localhost:${test.server.port}`, frames);
    const page = await browser.newPage();
    await page.goto(`http://evil.test:${port}/`, { waitUntil: "commit" });
    await page.waitForFunction(`window.finished.length === ${frames.length + 1}`, null, { timeout: ATTACK_MS });
    const readings = await page.evaluate<Reading[]>("readings");
    const finished = await page.evaluate<string[]>("finished");
    expect(finished.sort()).toEqual(["page", ...frames].sort());
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
  }

  return {
    test,
    browser,
    state,
    visit,
    async close() {
      await browser.close();
      await new Promise((resolve) => attacker.close(resolve));
      await test.stop();
    },
  };
}
