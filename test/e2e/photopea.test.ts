// Photopea from end to end: the built panel in a frame of a stand-in that misbehaves as people reported,
// painting with its own engine; the result lands above its content, in its bounds, and one undo takes it away.

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { photopeaLink } from "../../companion/cli/photopea-link.ts";
import { launchBrowser, SWIFTSHADER } from "../setup/browser.ts";

const ROOT = new URL("../../", import.meta.url);
const PHOTOPEA = "https://www.photopea.com/";
const PANEL = "http://localhost:47820/photopea/";
const ARTIFACTS = fileURLToPath(new URL("test/artifacts/", ROOT));

interface Described {
  name: string;
  layers: { name: string; left: number; top: number; width: number; height: number }[];
}

describe("the panel inside Photopea", () => {
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("test/hosts/photopea/page.ts", ROOT))],
      bundle: true,
      write: false,
      format: "iife",
    });
    browser = await launchBrowser(SWIFTSHADER);
    page = await browser.newPage({ viewport: { width: 360, height: 680 } });
    page.on("pageerror", (error) => problems.push(error.message));
    const file = (path: string) => readFileSync(new URL(path, ROOT));
    await page.route("**/*", (route) => {
      const url = route.request().url();
      if (url === PHOTOPEA) return route.fulfill({ contentType: "text/html", body: "<body style='margin:0'></body>" });
      if (url === PANEL) return route.fulfill({ contentType: "text/html", body: file("dist/photopea.html") });
      if (url.endsWith(".jpg")) return route.fulfill({ body: file(`companion/samples/${url.split("/").at(-1)}`) });
      // No companion: whatever looks for one finds nothing.
      return route.abort("connectionrefused");
    });
    await page.goto(PHOTOPEA);
    await page.addScriptTag({ content: (outputFiles[0] as { text: string }).text });
    mkdirSync(ARTIFACTS, { recursive: true });
  }, 90_000);
  afterAll(() => browser?.close());

  const documents = (): Promise<Described[]> =>
    page.evaluate(() => (globalThis as unknown as { describe(): Described[] }).describe());

  test("is opened by an address that carries its own configuration", () => {
    const [address, configuration] = photopeaLink(PANEL).split("#") as [string, string];
    expect(`${address}/`).toBe(PHOTOPEA);
    const [plugin] = JSON.parse(decodeURIComponent(configuration)).environment.plugins;
    expect(plugin).toMatchObject({ name: "Impasto", url: PANEL });
    expect(existsSync(new URL("dist/photopea.html", ROOT))).toBe(true);
  });

  test("paints the selected layers and puts the result above its content", async () => {
    await page.evaluate((options) => (globalThis as unknown as { start(o: unknown): Promise<void> }).start(options), {
      panelUrl: PANEL,
      content: `${PHOTOPEA}tubingen.jpg`,
      style: `${PHOTOPEA}starry-night.jpg`,
    });
    const panel = page.frameLocator("iframe");
    const stylize = panel.getByRole("button", { name: "Stylize", exact: true });
    await stylize.waitFor({ timeout: 30_000 });
    await panel.getByRole("radio", { name: "Draft" }).click({ force: true });
    await expect.poll(() => stylize.isEnabled(), { timeout: 30_000 }).toBe(true);
    await page.screenshot({ path: `${ARTIFACTS}photopea-ready.png` });
    await stylize.click();
    await panel.getByRole("button", { name: "Use this one now" }).click({ timeout: 90_000 });
    const insert = panel.getByRole("button", { name: /Insert/ });
    await insert.waitFor({ timeout: 60_000 });
    await page.screenshot({ path: `${ARTIFACTS}photopea-done.png` });
    await insert.click();
    await expect.poll(async () => (await documents())[0]?.layers.length, { timeout: 30_000 }).toBe(3);
    await expect.poll(async () => (await documents()).length, { timeout: 10_000 }).toBe(1);
    const [document] = await documents();
    const [result, content] = document?.layers ?? [];
    expect(content?.name).toBe("Town");
    expect(result).toEqual({ ...content, name: "Town / Starry Night" });
    expect(problems).toEqual([]);
  }, 180_000);
});
