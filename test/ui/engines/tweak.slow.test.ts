// How long a designer waits for the first new preview after moving strength on a finished picture of draft size, with
// the real companion on the CPU: what the panel's state waits for, then what the engine takes.

import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { onlyPort, type RunningCompanion, startCompanion } from "../../e2e/companion.ts";
import { launchBrowser } from "../../setup/browser.ts";
import { openContractPage } from "./open-page.ts";
import type { ContractPage, RunReport, SentPicture } from "./page-messages.ts";

/** The aim is one second on a machine that does nothing else; tests share theirs. */
const PATIENCE_MS = 5000;

let companion: RunningCompanion;
let browser: Browser;

beforeAll(async () => {
  companion = await startCompanion();
  browser = await launchBrowser([onlyPort(companion.port)]);
});
afterAll(async () => {
  await browser?.close();
  await companion?.stop();
});

async function sample(name: string): Promise<SentPicture> {
  const path = new URL(`../../../companion/samples/${name}.jpg`, import.meta.url).pathname;
  const png = await sharp(path).resize(256, 192).png().toBuffer();
  return { name, width: 256, height: 192, base64: png.toString("base64") };
}

test("the first new preview after a strength move comes soon", async () => {
  const page = await openContractPage(browser);
  await page.evaluate((at) => (globalThis as unknown as { contract: ContractPage }).contract.openCompanion(at), {
    base: `http://localhost:${companion.port}`,
    code: await companion.pairingCode(),
  });
  const [content, style] = [await sample("tubingen"), await sample("starry-night")];
  const begin = (settings: Partial<Settings>, initial?: SentPicture) =>
    page.evaluate((request) => (globalThis as unknown as { contract: ContractPage }).contract.begin(request), {
      content,
      style,
      settings,
      ...(initial && { initial }),
    });
  const look = (id: number) =>
    page.evaluate((of) => (globalThis as unknown as { contract: ContractPage }).contract.look(of), id);
  const until = async (id: number, holds: (report: RunReport) => boolean): Promise<RunReport> => {
    await expect.poll(async () => holds(await look(id)), { timeout: 50_000 }).toBe(true);
    return look(id);
  };

  const first = await begin({ quality: "draft", firstIterations: 5, iterations: 3 });
  const { result, error } = await until(first, (report) => report.result !== null || report.error !== null);
  expect(error).toBeNull();
  const waits: number[] = [];
  for (const strength of [70, 30, 60]) {
    const tweaked = await begin(
      { quality: "draft", strength, size: 256, init: "image", minScale: 256, firstIterations: 60 },
      { name: "result", width: 256, height: 192, base64: (result as { base64: string }).base64 },
    );
    const { previews } = await until(tweaked, (report) => report.previews.length > 0);
    waits.push((previews[0] as { atMs: number }).atMs);
    await page.evaluate(
      (id) => (globalThis as unknown as { contract: ContractPage }).contract.act(id, "abort"),
      tweaked,
    );
  }
  console.log("first new preview after", waits.map((ms) => `${ms.toFixed(0)} ms`).join(", "));
  expect(Math.min(...waits)).toBeLessThan(PATIENCE_MS);
});
