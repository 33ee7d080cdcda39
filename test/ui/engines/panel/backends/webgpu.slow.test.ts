// The panel's own engine on WebGPU, over SwiftShader: short runs beside WebGL's, a device that is lost, the engine as a
// page runs it, in a worker, and what becomes of WebGPU that computes wrong.

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSafetensors } from "../../../../native/support/safetensors.ts";
import { launchBrowser, SWIFTSHADER, SWIFTSHADER_WEBGPU } from "../../../../setup/browser.ts";
import { bundle } from "../../open-page.ts";
import { call, openParts, picture, VECTORS } from "../vector-check.ts";

const ROOT = new URL("../../../../../", import.meta.url);
const SMALL = {
  size: 64,
  firstIterations: 2,
  iterations: 1,
  styleLayers: ["relu1_1", "relu2_1"],
  contentLayers: ["relu2_1"],
};
const ITERATIONS = 3;
/** Before anything else in the worker: square roots that are wrong by a tenth. */
const WRONG = `const create = GPUDevice.prototype.createShaderModule;
GPUDevice.prototype.createShaderModule = function (given) {
  return create.call(this, { ...given, code: given.code.replaceAll("sqrt(", "1.1 * sqrt(") });
};`;

async function sample(name: string) {
  const bytes = readFileSync(new URL(`companion/samples/${name}.jpg`, ROOT));
  const { width, height } = await sharp(bytes).metadata();
  return { name, width, height, base64: bytes.toString("base64"), bytes: new Uint8Array() };
}

interface Ran {
  data: number[];
  device: string;
  iterations: number;
  devices: string[];
  moved: string[];
}

describe("the panel's own engine in a worker with WebGPU", () => {
  let browser: Browser;
  let server: Server;
  let worker: string;

  beforeAll(async () => {
    worker = await bundle("test/ui/engines/panel/software-webgpu-worker.ts");
    server = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end("<!doctype html><title>Impasto</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await launchBrowser([...SWIFTSHADER, ...SWIFTSHADER_WEBGPU]);
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function open(before: string) {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.addScriptTag({ content: await bundle("test/ui/engines/panel/engine-page.ts") });
    const capabilities = await call<{ device: string }>(page, "open", {
      script: `${before}${worker}`,
      network: readFileSync(new URL("native/networks/vgg19-slim.safetensors", ROOT)).toString("base64"),
      detailer: readFileSync(new URL("native/networks/detailer-slim.safetensors", ROOT)).toString("base64"),
      content: await sample("tubingen"),
      style: await sample("starry-night"),
    });
    return { page, device: capabilities.device };
  }

  test("paints on WebGPU and says so", async () => {
    const { page, device } = await open("");
    expect(device).toBe("This panel on WebGPU (no GPU)");
    const { base64, iterations } = await call<{ base64: string; iterations: number }>(page, "stylize", SMALL);
    expect(iterations).toBe(3);
    const { channels } = await sharp(Buffer.from(base64, "base64")).stats();
    expect((channels[0] as { stdev: number }).stdev).toBeGreaterThan(10);
  });

  test("takes WebGL where WebGPU computes wrong", async () => {
    const { device } = await open(WRONG);
    expect(device).toBe("This panel on WebGL (no GPU)");
  });

  function run(page: Page, loseAfter?: number): Promise<Ran> {
    const vectors = readSafetensors(new URL("min-max.safetensors", VECTORS));
    return call(page, "runOnce", {
      network: readFileSync(new URL("vgg19-eighth.safetensors", VECTORS)).toString("base64"),
      content: picture(vectors, "content_image"),
      style: picture(vectors, "style_image"),
      settings: {
        quality: "draft",
        firstIterations: ITERATIONS,
        styleLayers: ["relu1_1", "relu2_1"],
        contentLayers: ["relu2_1"],
        styleLoss: "gram-normalized",
      },
      ...(loseAfter !== undefined && { loseAfter }),
    });
  }
  /** Mean absolute difference, 0 … 255. */
  const difference = (a: Ran, b: Ran): number =>
    (255 * a.data.reduce((sum, x, i) => sum + Math.abs(x - (b.data[i] as number)), 0)) / b.data.length;

  test("paints WebGL's picture, and goes on in WebGL when the device is lost", async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await openParts(page, ["webgpu", "webgl"]);
    const onWebgpu = await run(page);
    expect(onWebgpu).toMatchObject({ device: "webgpu", iterations: ITERATIONS, moved: [] });
    const lost = await run(page, 1);
    expect(lost).toMatchObject({ device: "webgl", iterations: ITERATIONS, moved: ["webgl"] });
    expect(lost.devices).toEqual(["webgpu", "webgl", "webgl"]);
    const onWebgl = await run(page);
    expect(onWebgl).toMatchObject({ device: "webgl", iterations: ITERATIONS, moved: [] });
    expect(difference(onWebgpu, onWebgl)).toBeLessThan(0.5);
    // The optimizer has forgotten what it knew, so that one differs more.
    expect(difference(lost, onWebgl)).toBeLessThan(10);
  }, 240_000);
});
