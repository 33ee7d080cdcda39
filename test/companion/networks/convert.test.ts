// Conversion of the published weights: features after it equal features computed from the source's own layout.

import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refuseArchitecture } from "../../../companion/networks/architecture.ts";
import { convertKeras, convertTorchvision, torchvisionIndex } from "../../../companion/networks/convert.ts";
import { forwardLayers } from "../../../companion/networks/forward.ts";
import { readKerasConvolutions } from "../../../companion/networks/hdf5.ts";
import {
  convolutionsOf,
  encodeNetworkFile,
  type NetworkFile,
  parseNetworkFile,
} from "../../../companion/networks/network-file.ts";
import { readSource } from "../../../companion/networks/read-source.ts";
import type { Precision, Tensor } from "../../../companion/networks/safetensors.ts";
import { kerasFeatures, relativeError, torchvisionFeatures } from "./reference.ts";
import { errorOf } from "./support.ts";
import {
  type KerasLayer,
  randomImage,
  randomKerasLayers,
  randomTorchvisionTensors,
  THIN_VGG16_WIDTHS,
  THIN_WIDTHS,
  writeKerasFile,
  writeTorchvisionFile,
} from "./synthetic.ts";

const VGG19 = convolutionsOf("vgg19");

/** Rounding of float32 sums, and of weights to 11 bits, over sixteen layers. */
const TOLERANCE: Record<Precision, number> = { fp32: 1e-5, fp16: 2e-3 };
const image = randomImage(32, 7);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "impasto-convert-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function optionsOf(precision: Precision) {
  return { name: "test", source: "a test", license: "none", full: true, precision };
}

/** Features as after storing and loading. */
function storedFeatures(network: NetworkFile): Float32Array[] {
  const loaded = parseNetworkFile(encodeNetworkFile(network));
  return Array.from(forwardLayers(loaded, image, { pooling: "max", padding: "zero" }), ([, features]) => features.data);
}

function expectAlike(features: readonly Float32Array[], expected: readonly Float64Array[], tolerance: number): void {
  expect(features.length).toBe(expected.length);
  features.forEach((values, index) => {
    expect(relativeError(values, expected[index] ?? []), VGG19[index]).toBeLessThan(tolerance);
  });
}

describe("Keras", () => {
  const layers = randomKerasLayers(THIN_WIDTHS, 1);

  test.each(["fp32", "fp16"] as const)(
    "%s features equal those from HWIO kernels, BGR, 0-255 and means, borders included",
    (precision) => {
      const features = storedFeatures(convertKeras(layers, optionsOf(precision)));
      const expected = kerasFeatures(layers, image);
      expectAlike(features, expected, TOLERANCE[precision]);
      const size = image.width;
      const isBorder = (i: number) =>
        i % size === 0 || i % size === size - 1 || Math.floor((i % (size * size)) / size) % (size - 1) === 0;
      const border = (values: ArrayLike<number>) => Array.from(values).filter((_, i) => isBorder(i));
      expect(relativeError(border(features[0] ?? []), border(expected[0] ?? []))).toBeLessThan(TOLERANCE[precision]);
    },
  );

  test("folding the mean into the bias instead would be wrong at the border: the check above can see it", () => {
    const network = convertKeras(layers, optionsOf("fp32"));
    const [first] = network.convolutions;
    if (first === undefined) throw new Error("no convolution");
    const bias = first.bias.map((value, o) => {
      let sum = value;
      for (let i = 0; i < 27; i++) sum -= (first.weight[o * 27 + i] ?? 0) * (network.mean[Math.floor(i / 9)] ?? 0);
      return sum;
    });
    const folded: NetworkFile = { ...network, mean: [0, 0, 0], convolutions: [{ ...first, bias }] };
    expect(
      relativeError(storedFeatures(folded)[0] ?? [], kerasFeatures(layers.slice(0, 1), image)[0] ?? []),
    ).toBeGreaterThan(0.01);
  });

  test("the arrays are found by the file's own index, whatever they are called", async () => {
    const path = join(folder, "thin.h5");
    await writeKerasFile(path, layers);
    const read = await readKerasConvolutions(path);
    expect(read.map(({ name }) => name).slice(0, 3)).toEqual(["block1_conv1", "block1_conv2", "block2_conv1"]);
    expect(read.map(({ kernel, bias }) => ({ kernel, bias }))).toEqual(layers);
  });

  test("another number of convolutions, under names of their own, is refused", () => {
    expect(() => convertKeras(layers.slice(0, 5), optionsOf("fp32"))).toThrow(/5 convolutions, where VGG16 has 13/);
  });

  test("kernels that do not fit one another are refused", () => {
    const mixed = [layers[0], layers[2], layers[1], ...layers.slice(3)] as KerasLayer[];
    expect(() => convertKeras(mixed, optionsOf("fp32"))).toThrow(/conv2_1.weight has shape/);
  });
});

describe("torchvision", () => {
  const tensors = randomTorchvisionTensors(THIN_WIDTHS, 2, 0);
  const convolutions = VGG19.map((name) => {
    const stem = `features.${torchvisionIndex(name, "vgg19")}`;
    return { weight: tensors.get(`${stem}.weight`) as Tensor, bias: tensors.get(`${stem}.bias`) as Tensor };
  });

  test("its numbering is that of torchvision.models.vgg19().features", () => {
    expect(VGG19.map((name) => torchvisionIndex(name, "vgg19"))).toEqual([
      0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34,
    ]);
  });

  test.each(["fp32", "fp16"] as const)("%s features equal those with ImageNet mean and std", (precision) => {
    const features = storedFeatures(convertTorchvision(tensors, optionsOf(precision)));
    expectAlike(features, torchvisionFeatures(convolutions, image), TOLERANCE[precision]);
  });

  test("a missing tensor is named", () => {
    const fewer = new Map(tensors);
    fewer.delete("features.12.bias");
    expect(() => convertTorchvision(fewer, optionsOf("fp32"))).toThrow(/features.12.bias is missing/);
  });
});

describe("VGG16", () => {
  const VGG16 = convolutionsOf("vgg16");
  const layers = randomKerasLayers(THIN_VGG16_WIDTHS, 3);

  test("of Keras has its three convolutions in each of the last blocks", async () => {
    const path = join(folder, "vgg16.h5");
    await writeKerasFile(path, layers);
    const network = await readSource(path, optionsOf("fp32"));
    expect(network.convolutions.map(({ name }) => name)).toEqual(VGG16);
    expectAlike(storedFeatures(network), kerasFeatures(layers, image), TOLERANCE.fp32);
    const usual = await readSource(path, { ...optionsOf("fp16"), full: false });
    expect(usual.convolutions.at(-1)?.name).toBe("conv5_1");
    expect(usual.convolutions).toHaveLength(11);
  });

  test("of torchvision too, by torchvision's numbering", async () => {
    const tensors = randomTorchvisionTensors(THIN_VGG16_WIDTHS, 4, 0);
    expect(VGG16.map((name) => torchvisionIndex(name, "vgg16"))).toEqual([
      0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28,
    ]);
    const path = join(folder, "vgg16.safetensors");
    await writeTorchvisionFile(path, tensors);
    const network = await readSource(path, optionsOf("fp32"));
    expect(network.convolutions.map(({ name }) => name)).toEqual(VGG16);
    const convolutions = VGG16.map((name) => {
      const stem = `features.${torchvisionIndex(name, "vgg16")}`;
      return { weight: tensors.get(`${stem}.weight`) as Tensor, bias: tensors.get(`${stem}.bias`) as Tensor };
    });
    expectAlike(storedFeatures(network), torchvisionFeatures(convolutions, image), TOLERANCE.fp32);
  });

  test("a convolution of VGG19 among those of VGG16 is refused", () => {
    const network = convertKeras(layers, optionsOf("fp32"));
    const [last] = network.convolutions.slice(-1) as [NetworkFile["convolutions"][number]];
    const odd = { ...network, convolutions: [...network.convolutions, { ...last, name: "conv5_4" }] };
    expect(() => parseNetworkFile(encodeNetworkFile(odd))).toThrow(/conv3_4 is missing/);
  });
});

describe("another architecture", () => {
  test.each([
    ["a ResNet", ["conv1.weight", "bn1.weight", "layer1.0.conv1.weight"]],
    ["batch normalization", ["features.0.weight", "features.0.bias", "features.1.running_mean"]],
    ["a MobileNet", ["features.0.0.weight", "features.1.conv.0.0.weight"]],
  ])("%s is refused by name, and why VGG", async (what, names) => {
    const path = join(folder, "other.safetensors");
    const one = { shape: [1], values: new Float32Array(1) };
    await writeTorchvisionFile(path, new Map(names.map((name) => [name, one])));
    const error = await errorOf(readSource(path, optionsOf("fp32")));
    expect(error.message).toContain(what);
    expect(error.hint).toContain("plain stack of 3×3 convolutions");
  });

  test.each([
    ["a ResNet", "conv2_block1_1_conv"],
    ["a MobileNet", "conv_dw_1"],
  ])("%s of Keras is refused by the layers that it lists", (what, name) => {
    expect(() => refuseArchitecture(["input_1", name])).toThrow(what);
  });
});

describe("the real VGG19", () => {
  const teacher = new URL("../../../../shared/teachers/vgg19-blocks-1-3.safetensors", import.meta.url);
  const present = existsSync(teacher);
  if (!present) console.log("Left out: ../shared/teachers/vgg19-blocks-1-3.safetensors is not there to compare with.");

  test.skipIf(!present)(
    "blocks 1 to 3, taken back to Keras' layout and converted again, come out as they were",
    async () => {
      const real = parseNetworkFile(readFileSync(teacher));
      const path = join(folder, "real.h5");
      await writeKerasFile(path, toKerasLayout(real));
      const { mean, std, metadata, convolutions } = convertKeras(await readKerasConvolutions(path), {
        ...optionsOf("fp16"),
      });
      mean.forEach((value, channel) => {
        expect(value).toBeCloseTo(real.mean[channel] ?? Number.NaN, 7);
      });
      expect(std).toEqual(real.std);
      expect([metadata.pooling, metadata.padding]).toEqual([real.metadata.pooling, real.metadata.padding]);
      const [first, ...rest] = convolutions;
      const [realFirst, ...realRest] = real.convolutions;
      rest.forEach(({ name, weight, bias }, index) => {
        // Deep equality of arrays with a million numbers takes seconds.
        expect(relativeError(weight, realRest[index]?.weight ?? []), name).toBe(0);
        expect(relativeError(bias, realRest[index]?.bias ?? []), name).toBe(0);
      });
      // × 1/255 and × 255 again in float32 may move the last bit.
      expect(relativeError(first?.weight ?? [], realFirst?.weight ?? [])).toBeLessThan(1e-7);
      const again = parseNetworkFile(
        encodeNetworkFile({ name: "again", mean, std, metadata, precision: "fp16", convolutions }),
      );
      again.convolutions.forEach(({ name, weight }, index) => {
        expect(relativeError(weight, real.convolutions[index]?.weight ?? []), name).toBe(0);
      });
    },
  );
});

/** [out, in, 3, 3] → [3, 3, in, out]; conv1_1 also from RGB in 0 … 1 to BGR in 0 … 255. */
function toKerasLayout({ convolutions }: NetworkFile): KerasLayer[] {
  return convolutions.map(({ name, inChannels, outChannels, weight, bias }) => {
    const values = new Float32Array(weight.length);
    const first = name === "conv1_1";
    for (let o = 0; o < outChannels; o++) {
      for (let i = 0; i < inChannels; i++) {
        for (let tap = 0; tap < 9; tap++) {
          const value = weight[(o * inChannels + i) * 9 + tap] ?? Number.NaN;
          values[(tap * inChannels + (first ? 2 - i : i)) * outChannels + o] = first ? value / 255 : value;
        }
      }
    }
    return { kernel: { shape: [3, 3, inChannels, outChannels], values }, bias: { shape: [outChannels], values: bias } };
  });
}
