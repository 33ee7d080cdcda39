// The panel's own engine on WebGPU, over SwiftShader: the numbers, a short run beside WebGL's, and what follows when the
// device is lost. One page for all of it, since a software renderer takes long to compile.

import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSafetensors } from "../../native/support/safetensors.ts";
import { launchBrowser, SWIFTSHADER, SWIFTSHADER_WEBGPU } from "../../setup/browser.ts";
import { call, expectAgreement, openParts, picture, VECTORS } from "./vector-check.ts";

/** Software rendering on a busy machine. */
const LONG = 240_000;
const ITERATIONS = 3;

interface Ran {
  data: number[];
  device: string;
  iterations: number;
  devices: string[];
  moved: string[];
}

describe("the panel's own engine on WebGPU", () => {
  let browser: Browser;
  let server: Server;
  let page: Page;

  beforeAll(async () => {
    // WebGPU is for secure contexts, which localhost is and about:blank is not.
    server = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end("<!doctype html><title>Impasto</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await launchBrowser([...SWIFTSHADER, ...SWIFTSHADER_WEBGPU]);
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await openParts(page, ["webgpu", "webgl"]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  function run(loseAfter?: number): Promise<Ran> {
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

  test("is not taken where WebGPU is a CPU in disguise", async () => {
    expect(await call(page, "ordinaryWebgpu", null)).toBeNull();
  });

  test(
    "min-max agrees to 1e-4, and WebGPU is what computed it",
    async () => {
      expect(await expectAgreement(page, "min-max")).toBe("webgpu");
    },
    LONG,
  );

  test(
    "paints WebGL's picture, and goes on in WebGL when the device is lost",
    async () => {
      const onWebgpu = await run();
      expect(onWebgpu).toMatchObject({ device: "webgpu", iterations: ITERATIONS, moved: [] });
      const lost = await run(1);
      expect(lost).toMatchObject({ device: "webgl", iterations: ITERATIONS, moved: ["webgl"] });
      expect(lost.devices).toEqual(["webgpu", "webgl", "webgl"]);
      const onWebgl = await run();
      expect(onWebgl).toMatchObject({ device: "webgl", iterations: ITERATIONS, moved: [] });
      expect(difference(onWebgpu, onWebgl)).toBeLessThan(0.5);
      // The optimizer has forgotten what it knew, so that one differs more.
      expect(difference(lost, onWebgl)).toBeLessThan(10);
    },
    LONG,
  );
});
