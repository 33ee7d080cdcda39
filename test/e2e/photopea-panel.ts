// The built panel in a frame of a stand-in for Photopea that misbehaves as people reported: what the end-to-end tests of
// it share.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, FrameLocator, Page } from "playwright-core";
import { expect } from "vitest";
import { wholePage } from "../../companion/whole-page.ts";
import { launchBrowser, SWIFTSHADER } from "../setup/browser.ts";
import { takePicture } from "../setup/picture.ts";

const ROOT = new URL("../../", import.meta.url);
export const PHOTOPEA = "https://www.photopea.com/";
export const PANEL = "http://localhost:47820/photopea/";

interface Described {
  name: string;
  layers: { name: string; left: number; top: number; width: number; height: number }[];
}

export interface OpenPhotopea {
  browser: Browser;
  page: Page;
  panel: FrameLocator;
  /** Errors that the page did not catch. */
  problems: string[];
  documents(): Promise<Described[]>;
  screenshot(name: string): Promise<void>;
  /** The result lies above its content, in its bounds, and the documents that were needed for it are gone. */
  insertAndCheck(): Promise<void>;
}

/** Two layers, the town selected, the panel open at “Draft”; no companion anywhere. */
export async function openPhotopea(): Promise<OpenPhotopea> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("test/hosts/photopea/page.ts", ROOT))],
    bundle: true,
    write: false,
    format: "iife",
  });
  const browser = await launchBrowser(SWIFTSHADER);
  const page = await browser.newPage({ viewport: { width: 360, height: 680 } });
  // A machine that does other things as well takes its time.
  page.setDefaultTimeout(90_000);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  const file = (path: string) => readFileSync(new URL(path, ROOT));
  const panelHtml = wholePage(fileURLToPath(new URL("dist/photopea.html", ROOT)));
  await page.route("**/*", (route) => {
    const url = route.request().url();
    if (url === PHOTOPEA) return route.fulfill({ contentType: "text/html", body: "<body style='margin:0'></body>" });
    if (url === PANEL) return route.fulfill({ contentType: "text/html", body: panelHtml });
    if (url.endsWith(".jpg")) return route.fulfill({ body: file(`companion/samples/${url.split("/").at(-1)}`) });
    // No companion: whatever looks for one finds nothing.
    return route.abort("connectionrefused");
  });
  await page.goto(PHOTOPEA);
  await page.addScriptTag({ content: (outputFiles[0] as { text: string }).text });
  await page.evaluate((options) => (globalThis as unknown as { start(o: unknown): Promise<void> }).start(options), {
    panelUrl: PANEL,
    content: `${PHOTOPEA}tubingen.jpg`,
    style: `${PHOTOPEA}starry-night.jpg`,
  });
  const panel = page.frameLocator("iframe");
  const documents = (): Promise<Described[]> =>
    page.evaluate(() => (globalThis as unknown as { describe(): Described[] }).describe());
  await panel.getByRole("radio", { name: "Draft" }).click({ force: true });
  const stylize = panel.getByRole("button", { name: "Stylize", exact: true });
  await expect.poll(() => stylize.isEnabled(), { timeout: 90_000 }).toBe(true);

  return {
    browser,
    page,
    panel,
    problems,
    documents,
    async screenshot(name) {
      await takePicture(page, `photopea-${name}.png`);
    },
    async insertAndCheck() {
      await panel.getByRole("button", { name: /Insert/ }).click();
      await expect.poll(async () => (await documents())[0]?.layers.length, { timeout: 90_000 }).toBe(3);
      await expect.poll(async () => (await documents()).length, { timeout: 30_000 }).toBe(1);
      const [document] = await documents();
      const [result, content] = document?.layers ?? [];
      expect(content?.name).toBe("Town");
      expect(result).toEqual({ ...content, name: "Town / Starry Night" });
      expect(problems).toEqual([]);
    },
  };
}
