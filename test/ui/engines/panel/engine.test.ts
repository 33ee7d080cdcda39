// The panel's own engine in a frame that is hard on it: no worker at all, a graphics context that is lost. What it does
// where nothing is in its way stands in test/ui/engines.

import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, SWIFTSHADER } from "../../../setup/browser.ts";
import { bundle } from "../open-page.ts";
import { call } from "./vector-check.ts";

const ROOT = new URL("../../../../", import.meta.url);
/** Two scales, the shallowest layer: software rendering takes its time. */
const SMALL = {
  size: 48,
  minScale: 32,
  firstIterations: 2,
  iterations: 1,
  styleLayers: ["relu1_1"],
  contentLayers: ["relu1_1"],
  styleLoss: "gram-normalized",
};

async function sample(name: string) {
  const bytes = readFileSync(new URL(`companion/samples/${name}.jpg`, ROOT));
  const { width, height } = await sharp(bytes).metadata();
  return { name, width, height, base64: bytes.toString("base64"), bytes: new Uint8Array() };
}

describe("the panel's own engine", () => {
  let browser: Browser;
  let inputs: Record<string, unknown>;
  let script: string;

  beforeAll(async () => {
    const [worker, page] = await Promise.all([
      bundle("ui/engines/panel/worker/webgl-worker.ts"),
      bundle("test/ui/engines/panel/engine-page.ts"),
    ]);
    script = page;
    inputs = {
      script: worker,
      network: readFileSync(new URL("native/networks/vgg19-slim.safetensors", ROOT)).toString("base64"),
      detailer: readFileSync(new URL("native/networks/detailer-slim.safetensors", ROOT)).toString("base64"),
      content: await sample("tubingen"),
      style: await sample("starry-night"),
    };
    browser = await launchBrowser(SWIFTSHADER);
  }, 120_000);
  afterAll(() => browser?.close());

  async function openPage(before: string): Promise<Page> {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    await page.addScriptTag({ content: `${before};${script}` });
    const capabilities = await call<{ kind: string; device: string; largestSize: number }>(page, "open", inputs);
    expect(errors).toEqual([]);
    expect(capabilities.kind).toBe("panel");
    expect(capabilities.device).toBe("This panel on WebGL (no GPU)");
    expect(capabilities.largestSize).toBeGreaterThanOrEqual(256);
    return page;
  }

  async function expectPicture(base64: string): Promise<void> {
    const { data, info } = await sharp(Buffer.from(base64, "base64")).raw().toBuffer({ resolveWithObject: true });
    expect(Math.max(info.width, info.height)).toBe(SMALL.size);
    const { channels } = await sharp(Buffer.from(base64, "base64")).stats();
    expect((channels[0] as { stdev: number }).stdev).toBeGreaterThan(10);
    expect(data.length).toBeGreaterThan(0);
  }

  test("works in a frame that forbids workers, and goes on from the last picture when the graphics context is lost", async () => {
    const page = await openPage(
      // The first WebGL context of this page can be lost.
      `globalThis.Worker = class { constructor() { throw new Error("forbidden"); } }; let lost = 0;
       const wrap = (proto) => { const original = proto.getContext; proto.getContext = function (...a) { const gl = original.apply(this, a);
         if (gl && a[0] === "webgl2" && lost < 1 && this.width > 0) { globalThis.loseContext = () => { globalThis.lostContexts = ++lost; gl.getExtension("WEBGL_lose_context").loseContext(); }; } return gl; }; };
       wrap(OffscreenCanvas.prototype); wrap(HTMLCanvasElement.prototype)`,
    );
    const result = await call<{ base64: string; iterations: number }>(page, "stylize", {
      ...SMALL,
      firstIterations: 8,
    });
    await expectPicture(result.base64);
    expect(result.iterations).toBe(8);
    expect(await page.evaluate(() => (globalThis as unknown as { lostContexts: number }).lostContexts)).toBe(1);
    await page.close();
  }, 240_000);
});
