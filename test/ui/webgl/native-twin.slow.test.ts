// The default objective at full depth: the panel's loss and gradient beside the native engine's.

import { readFileSync } from "node:fs";
import sharp from "sharp";
import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { toPicture } from "../../../ui/engines/webgl/image.ts";
import { evaluateObjective, relativeError } from "../../native/support/objective.ts";
import { NETWORK } from "../../native/support/run.ts";
import { launchBrowser, SWIFTSHADER } from "../../setup/browser.ts";
import { call, openParts } from "./vector-check.ts";

const SAMPLES = new URL("../../../companion/samples/", import.meta.url);
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
        weights: { content: 1, style: 1, tv: 0, contentLayers: [1], styleLayers: styleLayers.map(() => 1) },
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
