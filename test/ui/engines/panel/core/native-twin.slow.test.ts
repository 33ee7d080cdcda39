// The panel's own engine beside the native one: the default objective at full depth, and a whole run over two scales.

import { readFileSync } from "node:fs";
import sharp from "sharp";
import { expect, test } from "vitest";
import type { Picture } from "../../../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../../../companion/protocol/settings.ts";
import { stylize } from "../../../../../native/binding/binding.ts";
import type { TraceRecord } from "../../../../../native/binding/types.ts";
import { toInterleaved, toPicture } from "../../../../../ui/engines/panel/core/image.ts";
import { evaluateObjective, relativeError } from "../../../../native/support/objective.ts";
import { NETWORK } from "../../../../native/support/run.ts";
import { launchBrowser, SWIFTSHADER } from "../../../../setup/browser.ts";
import { bundle } from "../../open-page.ts";
import { call, openParts } from "../vector-check.ts";

const SAMPLES = new URL("../../../../../companion/samples/", import.meta.url);
/** ‖g − g_native‖ / ‖g_native‖; both are float32, and roots of nearly singular matrices stand in the loss. */
const TOLERANCE = 1e-3;

async function sample(name: string, width: number, height: number): Promise<Picture> {
  const image = sharp(readFileSync(new URL(`${name}.jpg`, SAMPLES))).resize(width, height, { fit: "fill" });
  const bytes = await image.removeAlpha().raw().toBuffer();
  return toPicture({ width, height, data: Float32Array.from(bytes, (byte) => byte / 255), alpha: null });
}

test.each(["w2", "gram-normalized"] as const)(
  "%s is the native engine's at all five layers",
  async (styleLoss) => {
    const browser = await launchBrowser(SWIFTSHADER);
    const page = await browser.newPage();
    await openParts(page, ["webgl"]);
    const [content, style] = [await sample("tubingen", 64, 48), await sample("starry-night", 64, 64)];
    const { styleLayers, contentLayers, tv, padding } = DEFAULT_SETTINGS;
    const settings = { styleLoss, styleLayers, contentLayers, tv, padding, pooling: "avg" as const };
    const native = await evaluateObjective({
      networkPath: NETWORK,
      image: style,
      content: style,
      style: content,
      settings,
    });
    const sent = (picture: Picture) => ({ ...picture, data: [...picture.data] });
    const own = await call<{ losses: { styleLayers: Record<string, number> }; gradient: number[] }>(
      page,
      "evaluateOnce",
      {
        ...{ network: readFileSync(NETWORK).toString("base64"), settings },
        ...{ image: sent(style), content: sent(style), style: sent(content) },
        weights: {
          content: 1,
          style: 1,
          tv: 0,
          contentLayers: [1],
          styleLayers: styleLayers.map(() => 1),
          styleTerms: [1],
        },
      },
    );
    await browser.close();
    const plane = style.width * style.height;
    const gradient = Array.from(
      { length: 3 * plane },
      (_, i) => native.gradient[(i % 3) * plane + Math.floor(i / 3)] ?? 0,
    );
    const values = (losses: Record<string, number>) => styleLayers.map((layer) => losses[layer] ?? Number.NaN);
    const errors = {
      losses: relativeError(values(own.losses.styleLayers), values(native.losses.styleLayers)),
      gradient: relativeError(own.gradient, gradient),
    };
    console.log(styleLoss, errors);
    expect(errors.losses).toBeLessThan(TOLERANCE);
    expect(errors.gradient).toBeLessThan(TOLERANCE);
  },
  300_000,
);

/** As a host hands it over. */
async function sent(name: string, { width, height, data }: Picture) {
  const raw = Buffer.from(
    toInterleaved({ width, height, channels: 3, data }).data.map((value) => Math.round(255 * value)),
  );
  const png = await sharp(raw, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return { name, width, height, base64: png.toString("base64"), bytes: new Uint8Array() };
}

test("a run over two scales goes down the native engine's curve", async () => {
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
      content,
      styles: [{ picture: style, weight: 1 }],
      settings: { ...DEFAULT_SETTINGS, quality: "draft", threads: 1, ...settings, device: "cpu" },
      networkPath: NETWORK,
    },
    { onTrace: (records) => native.push(...records) },
  ).result;

  const browser = await launchBrowser(SWIFTSHADER);
  const page = await browser.newPage();
  await page.addScriptTag({ content: await bundle("test/ui/engines/panel/engine-page.ts") });
  const inputs = {
    script: await bundle("ui/engines/panel/worker/webgl-worker.ts"),
    network: readFileSync(NETWORK).toString("base64"),
    content: await sent("tubingen", content),
    style: await sent("starry-night", style),
  };
  await call(page, "open", inputs);
  const own = await call<[iteration: number, total: number][]>(page, "trace", settings);
  await browser.close();
  expect(native).toHaveLength(8);
  expect(own.at(-1)?.[0]).toBe(8);
  const errors = own.map(([iteration, total]) => {
    const twin = native.find(({ totalIteration }) => totalIteration === iteration);
    return Math.abs(total / (twin as TraceRecord).losses.total - 1);
  });
  console.log("relative differences of the loss:", errors.map((error) => error.toExponential(1)).join(" "));
  for (const error of errors) expect(error).toBeLessThan(1e-3);
}, 240_000);
