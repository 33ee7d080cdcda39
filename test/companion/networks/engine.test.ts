// The whole way: a source in Keras' own layout, converted and stored, gives the native engine the losses that the
// source's layout and preprocessing give when computed plainly.

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { convertKeras } from "../../../companion/networks/convert.ts";
import { encodeNetworkFile } from "../../../companion/networks/network-file.ts";
import { layersOf } from "../../../companion/protocol/layers.ts";
import { evaluate } from "../../../native/binding/binding.ts";
import { kerasFeatures } from "./reference.ts";
import { useTemporaryCache } from "./support.ts";
import { randomImage, randomKerasLayers, THIN_VGG16_WIDTHS, THIN_WIDTHS } from "./synthetic.ts";

const ADDON = join(import.meta.dirname, "../../../build/Release/impasto.node");
const NETWORKS = [
  ["vgg19", THIN_WIDTHS, ["relu1_1", "relu2_2", "relu3_4", "relu4_2", "relu5_1", "relu5_4"]],
  ["vgg16", THIN_VGG16_WIDTHS, ["relu1_1", "relu2_2", "relu3_3", "relu4_1", "relu4_3", "relu5_1", "relu5_3"]],
] as const;

let cache: Awaited<ReturnType<typeof useTemporaryCache>>;
beforeEach(async () => {
  cache = await useTemporaryCache();
});
afterEach(() => cache.remove());

function meanSquare(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + (value - (b[i] ?? Number.NaN)) ** 2, 0) / a.length;
}

test.each(NETWORKS)(
  "the native engine computes on a converted %s what the source's own layout gives",
  async (topology, widths, checked) => {
    expect(existsSync(ADDON), "the addon is not built").toBe(true);
    const layers = randomKerasLayers(widths, 71);
    const options = { name: "test", source: "a test", license: "none", full: true, precision: "fp32" } as const;
    const networkPath = join(cache.folder, "converted.safetensors");
    await writeFile(networkPath, encodeNetworkFile(convertKeras(layers, options)));
    const [content, image] = [randomImage(32, 1), randomImage(32, 2)].map((map) => ({ ...map, channels: 3 as const }));
    if (content === undefined || image === undefined) throw new Error("no pictures");
    const { content: losses } = await evaluate({
      image,
      content,
      style: content,
      networkPath,
      pooling: null,
      styleLayers: ["relu1_1"],
      contentLayers: checked,
      threads: 1,
    });
    const [ofContent, ofImage] = [kerasFeatures(layers, content), kerasFeatures(layers, image)];
    for (const layer of checked) {
      const index = layersOf(topology).indexOf(layer);
      const expected = meanSquare(ofImage[index] ?? new Float64Array(), ofContent[index] ?? new Float64Array());
      expect(expected).toBeGreaterThan(0);
      expect(Math.abs((losses[layer] ?? Number.NaN) / expected - 1), layer).toBeLessThan(1e-4);
    }
  },
);
