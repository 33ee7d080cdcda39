// The panel's own engine does what the native one does, file by file of the same name: resizing, the optimizer, and a
// whole run over two scales.

import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../companion/protocol/settings.ts";
import { stylize } from "../../../native/binding.ts";
import { loadAddon } from "../../../native/load.ts";
import type { TraceRecord } from "../../../native/types.ts";
import { resize, toInterleaved, toPicture } from "../../../ui/engines/webgl/image.ts";
import { Lbfgs } from "../../../ui/engines/webgl/optimizer.ts";
import { randomPicture } from "../../native/support/objective.ts";
import { NETWORK } from "../../native/support/run.ts";
import { launchBrowser, SWIFTSHADER } from "../../setup/browser.ts";
import { bundle } from "../engines/open-page.ts";

const SAMPLES = new URL("../../../companion/samples/", import.meta.url);

describe("resizing", () => {
  test.each([
    [33, 25, 48, 36],
    [48, 36, 33, 25],
    [64, 40, 21, 50],
  ])("%i × %i to %i × %i is the native engine's", (width, height, toWidth, toHeight) => {
    const picture = randomPicture(width, height, 3);
    const native = loadAddon().resizePicture(picture, toWidth, toHeight).data;
    const to = { width: toWidth, height: toHeight };
    const data = resize(toInterleaved(picture).data, 3, picture, to);
    const own = toPicture({ ...to, data, alpha: null }).data;
    // The addon's hook keeps what it resized in 0 … 1.
    const worst = own.reduce((most, value, i) => {
      const clamped = Math.min(1, Math.max(0, value));
      return Math.max(most, Math.abs(clamped - Math.min(1, Math.max(0, native[i] as number))));
    }, 0);
    expect(worst).toBeLessThan(1e-5);
  });
});

describe("L-BFGS", () => {
  test("takes the native engine's steps", async () => {
    const size = { width: 12, height: 9 };
    const plane = size.width * size.height;
    /** ½ Σ k (x − c)² over planar [3, H, W]. */
    const evaluate = (x: Float32Array) => {
      const curvature = (i: number) => 1 + (i % 7);
      const difference = (i: number) => (x[i] as number) - (0.5 + 0.6 * Math.sin(i));
      const value = x.reduce((sum, _, i) => sum + 0.5 * curvature(i) * difference(i) ** 2, 0);
      return { value, gradient: x.map((_, i) => curvature(i) * difference(i)) };
    };
    const start = new Float32Array(3 * plane).fill(0.5);
    const options = { optimizer: "lbfgs" as const, history: 10, stepSize: 0.02, iterations: 12 };
    const native = loadAddon().minimize({ ...options, ...size, x: start }, evaluate);

    const planar = (x: Float32Array) => toPicture({ ...size, data: x, alpha: null }).data;
    const interleaved = (data: Float32Array) => toInterleaved({ ...size, channels: 3, data }).data;
    const lbfgs = new Lbfgs(options.history, size);
    const x = interleaved(start);
    const values: number[] = [];
    for (let i = 0; i < options.iterations; i++) {
      const step = await lbfgs.step(async (at) => {
        const { value, gradient } = evaluate(planar(at));
        return { value, gradient: interleaved(gradient) };
      }, x);
      values.push(step.value);
    }
    values.forEach((value, i) => {
      expect(Math.abs(value / (native.values[i] as number) - 1), `step ${i}`).toBeLessThan(1e-3);
    });
  });
});

describe("a whole run", () => {
  let browser: Browser | undefined;
  afterAll(() => browser?.close());

  async function sample(name: string, width: number, height: number) {
    const image = sharp(readFileSync(new URL(`${name}.jpg`, SAMPLES))).resize(width, height, { fit: "fill" });
    const base64 = (await image.clone().png().toBuffer()).toString("base64");
    const bytes = await image.removeAlpha().raw().toBuffer();
    const interleaved = Float32Array.from(bytes, (byte) => byte / 255);
    const picture: Picture = toPicture({ width, height, data: interleaved, alpha: null });
    return { picture, sent: { name, width, height, base64, bytes: new Uint8Array() } };
  }

  test("over two scales goes down the native engine's curve", async () => {
    const [content, style] = [await sample("tubingen", 64, 48), await sample("starry-night", 64, 64)];
    // As deep a network as it takes, for the sake of software rendering.
    const settings: Partial<Settings> = {
      size: 64,
      minScale: 32,
      firstIterations: 5,
      iterations: 3,
      styleLayers: ["relu1_1", "relu2_1"],
      contentLayers: ["relu2_1"],
      styleLoss: "gram-normalized",
    };
    const native: TraceRecord[] = [];
    await stylize(
      {
        content: content.picture,
        styles: [{ picture: style.picture, weight: 1 }],
        settings: { ...DEFAULT_SETTINGS, quality: "draft", threads: 1, ...settings, device: "cpu" },
        networkPath: NETWORK,
      },
      { onTrace: (records) => native.push(...records) },
    ).result;

    browser = await launchBrowser(SWIFTSHADER);
    const page = await browser.newPage();
    await page.addScriptTag({ content: await bundle("test/ui/webgl/engine-page.ts") });
    const inputs = {
      script: await bundle("ui/engines/webgl/worker.ts"),
      network: readFileSync(NETWORK).toString("base64"),
      content: content.sent,
      style: style.sent,
    };
    const own = await page.evaluate(
      async ([given, asked]) => {
        const { open, trace } = globalThis as unknown as {
          open(inputs: unknown): Promise<unknown>;
          trace(settings: unknown): Promise<[number, number][]>;
        };
        await open(given);
        return trace(asked);
      },
      [inputs, settings] as const,
    );
    expect(native).toHaveLength(8);
    expect(own.at(-1)?.[0]).toBe(8);
    const errors = own.map(([iteration, total]) => {
      const twin = native.find(({ totalIteration }) => totalIteration === iteration);
      return Math.abs(total / (twin as TraceRecord).losses.total - 1);
    });
    console.log("relative differences of the loss:", errors.map((error) => error.toExponential(1)).join(" "));
    for (const error of errors) expect(error).toBeLessThan(1e-3);
  }, 240_000);
});
