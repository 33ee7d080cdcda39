import { describe, expect, test } from "vitest";
import { convertTorchvision } from "../../../companion/networks/convert.ts";
import { type FeatureMap, forwardLayers } from "../../../companion/networks/forward.ts";
import type { NetworkFile } from "../../../companion/networks/network-file.ts";
import { measureActivations, normalizeNetwork } from "../../../companion/networks/normalize.ts";
import { relativeError } from "./reference.ts";
import { errorOf } from "./support.ts";
import { randomImage, randomTorchvisionTensors, THIN_WIDTHS } from "./synthetic.ts";

const tensors = randomTorchvisionTensors(THIN_WIDTHS, 3, 0);
const base = { name: "test", source: "a test", license: "none", full: true, precision: "fp32" } as const;
const network = convertTorchvision(tensors, base);
const photos = [randomImage(48, 1), randomImage(32, 2), randomImage(40, 3)];

async function* each(images: readonly FeatureMap[]) {
  yield* images;
}

/** A network whose channel 5 of conv2_1 never fires, or hardly ever. */
function withWeakChannel(strength: number): NetworkFile {
  const convolutions = network.convolutions.map((convolution) => {
    if (convolution.name !== "conv2_1") return convolution;
    const [weight, bias] = [convolution.weight.slice(), convolution.bias.slice()];
    const size = convolution.inChannels * 9;
    for (let i = 5 * size; i < 6 * size; i++) weight[i] = Math.abs(weight[i] ?? 0) * strength;
    bias[5] = strength === 0 ? -1 : 0;
    return { ...convolution, weight, bias };
  });
  return { ...network, convolutions };
}

describe("mean-activation normalization", () => {
  test.each(["avg", "max"] as const)(
    "with %s pooling features stay the same but for each channel's scale",
    async (pooling) => {
      const means = await measureActivations({ ...network, metadata: { pooling } }, each(photos));
      const normalized = normalizeNetwork(network, means, photos.length);
      const image = randomImage(33, 9);
      const before = [...forwardLayers(network, image, { pooling, padding: "zero" })];
      const after = [...forwardLayers(normalized, image, { pooling, padding: "zero" })];
      before.forEach(([layer, features], index) => {
        const plane = features.height * features.width;
        const scales = means.get(layer.replace("relu", "conv")) ?? new Float64Array();
        const living = [...scales].sort((a, b) => a - b)[scales.length >> 1] ?? 1;
        const expected = features.data.map((value, i) => {
          const mean = scales[Math.floor(i / plane)] ?? 0;
          return mean < 0.01 * living ? 0 : value / mean;
        });
        const got = after[index]?.[1].data.map((value, i) =>
          (scales[Math.floor(i / plane)] ?? 0) < 0.01 * living ? 0 : value,
        );
        expect(relativeError(got ?? [], expected), layer).toBeLessThan(1e-5);
      });
    },
  );

  test("measured again, every living channel has the mean 1", async () => {
    const normalized = normalizeNetwork(network, await measureActivations(network, each(photos)), photos.length);
    const means = await measureActivations(normalized, each(photos));
    for (const [name, values] of means) {
      const living = [...values].filter((value) => value > 0.02);
      expect(living.length, name).toBeGreaterThan(values.length / 4);
      for (const value of living) expect(value, name).toBeCloseTo(1, 4);
    }
    expect(normalized.metadata.normalized).toBe("mean activation 1 over 3 photos");
  });

  test.each([0, 1e-6])("a channel of strength %d is not blown up", async (strength) => {
    const weak = withWeakChannel(strength);
    const normalized = normalizeNetwork(weak, await measureActivations(weak, each(photos)), photos.length);
    const layer = normalized.convolutions.find(({ name }) => name === "conv2_1");
    const size = (layer?.inChannels ?? 0) * 9;
    const largest = (o: number) => Math.max(...(layer?.weight.subarray(o * size, (o + 1) * size) ?? []).map(Math.abs));
    expect(largest(5)).toBeLessThan(1e-3 * largest(4));
    expect(normalized.convolutions.every(({ weight, bias }) => [...weight, ...bias].every(Number.isFinite))).toBe(true);
  });

  test("stopped in the middle, it says so", async () => {
    const stop = new AbortController();
    const hooks = { signal: stop.signal, onImage: () => stop.abort() };
    expect((await errorOf(measureActivations(network, each(photos), hooks))).code).toBe("cancelled");
  });

  test("no photos, or one too small, are refused", async () => {
    expect((await errorOf(measureActivations(network, each([])))).code).toBe("file-not-found");
    expect((await errorOf(measureActivations(network, each([randomImage(8, 1)])))).code).toBe("bad-picture");
  });
});
