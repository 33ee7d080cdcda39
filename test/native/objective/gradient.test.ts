// Every term of the objective at odd sizes, with masks, paddings and pools: losses against a naive twin in
// double precision, the gradient against central differences of that twin.

import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { type Form, naiveObjective } from "../support/naive-objective.ts";
import { evaluateObjective, randomNumbers, randomPicture, relativeError } from "../support/objective.ts";
import { EVERY_TERM, SMALL_NETWORK, SMALL_NETWORK_PATH } from "../support/small.ts";

/** float32 against float64. Wasserstein-2 subtracts numbers of like size and takes roots of small ones. */
const TOLERANCES = {
  gram: { loss: 1e-4, gradient: 1e-4 },
  w2: { loss: 1e-3, gradient: 2e-3 },
};
/** Small enough to cross no kink of a ReLU, large enough for a double's digits. */
const STEP = 1e-6;
/** The twin takes its time over Wasserstein-2, and over what sorts features. */
const SAMPLES = { gram: 24, w2: 10, features: 8 };

/** Of a sum: that of its least exact loss. */
const exactness = ({ styleLoss }: Form) => (styleLoss.includes("w2") ? "w2" : "gram");
const sampling = (form: Form) => (/gaussian|sliced|histogram/.test(form.styleLoss) ? "features" : exactness(form));

/** Without a term its weight is 0, so each is also seen alone. */
const only = (term: "content" | "style" | "tv", change: Partial<Form> = {}): Form => ({
  ...EVERY_TERM,
  ...(term === "content" ? {} : { contentWeight: 0 }),
  ...(term === "style" ? {} : { styleWeight: 0 }),
  ...(term === "tv" ? {} : { tvWeight: 0 }),
  ...change,
});

const CASES: [string, Form, { width: number; height: number; masked?: boolean }][] = [
  ["content alone", only("content"), { width: 33, height: 35 }],
  ["content, relative", only("content", { styleLoss: "gram-normalized" }), { width: 32, height: 33 }],
  ["two content layers", only("content", { contentLayers: ["relu1_2", "relu3_2"] }), { width: 39, height: 33 }],
  ["Gram alone", only("style"), { width: 35, height: 33 }],
  ["Gram, normalized", only("style", { styleLoss: "gram-normalized" }), { width: 35, height: 33 }],
  [
    "Gram of the layers before the pools",
    only("style", { styleLayers: ["relu1_2", "relu2_2"] }),
    { width: 37, height: 35 },
  ],
  ["Wasserstein-2 alone", only("style", { styleLoss: "w2" }), { width: 35, height: 37 }],
  ["means and deviations", only("style", { styleLoss: "bn" }), { width: 35, height: 33 }],
  ["linear discrepancy", only("style", { styleLoss: "mmd-linear" }), { width: 33, height: 37 }],
  ["discrepancy with a Gaussian kernel", only("style", { styleLoss: "mmd-gaussian" }), { width: 35, height: 33 }],
  ["slices", only("style", { styleLoss: "sliced" }), { width: 37, height: 33 }],
  ["histograms", only("style", { styleLoss: "histogram" }), { width: 33, height: 35 }],
  [
    "all, masked, a sum of moments and features",
    { ...EVERY_TERM, styleLoss: "bn:0.5,mmd-linear:2,mmd-gaussian:0.3,sliced" },
    { width: 33, height: 35, masked: true },
  ],
  ["histograms, masked", only("style", { styleLoss: "histogram" }), { width: 35, height: 33, masked: true }],
  ["Gram, raw and normalized", only("style", { styleLoss: "gram,gram-normalized:0.3" }), { width: 33, height: 35 }],
  ["total variation, l1", only("tv", { tv: "l1" }), { width: 33, height: 34 }],
  ["total variation, l2", only("tv"), { width: 33, height: 34 }],
  ["total variation, nine-point", only("tv", { tv: "9-point" }), { width: 33, height: 34 }],
  ["all, even size", EVERY_TERM, { width: 32, height: 36 }],
  ["all, max pool", { ...EVERY_TERM, pooling: "max" }, { width: 35, height: 39 }],
  ["all, max pool, even size", { ...EVERY_TERM, pooling: "max" }, { width: 32, height: 32 }],
  ["all, one layer for style and content", { ...EVERY_TERM, contentLayers: ["relu3_1"] }, { width: 33, height: 33 }],
  ["all, replicated border", { ...EVERY_TERM, padding: "replicate" }, { width: 33, height: 35 }],
  ["all, reflected border", { ...EVERY_TERM, padding: "reflect" }, { width: 34, height: 33 }],
  ["all, masked", EVERY_TERM, { width: 35, height: 33, masked: true }],
  [
    "all, masked, relative, max pool",
    { ...EVERY_TERM, styleLoss: "gram-normalized", pooling: "max" },
    { width: 33, height: 37, masked: true },
  ],
  [
    "all, masked, Wasserstein-2 and Gram",
    { ...EVERY_TERM, styleLoss: "w2,gram-normalized:0.5", padding: "replicate" },
    { width: 33, height: 35, masked: true },
  ],
];

/** A smooth blob of alpha, so that no feature is seen whole. */
function withBlob(picture: Picture): Picture {
  const { width, height, data } = picture;
  const alpha = Float32Array.from({ length: width * height }, (_, i) => {
    const x = (i % width) / width - 0.4;
    const y = Math.floor(i / width) / height - 0.5;
    return Math.min(1, Math.max(0, 1.6 - 4 * Math.hypot(x, y)));
  });
  return { width, height, channels: 4, data: Float32Array.from([...data, ...alpha]) };
}

/** Slopes of `value` at some pixels of `image`, and which they are. */
function centralDifferences(value: (image: Picture) => number, image: Picture, samples: number, seed: number) {
  const random = randomNumbers(seed);
  const size = image.data.length;
  // Corners and edges, where padding shows, and random pixels.
  const fixed = [0, image.width - 1, image.width * (image.height - 1), size - 1, image.width >> 1];
  const pixels = [...fixed, ...Array.from({ length: samples - fixed.length }, () => Math.floor(random() * size))];
  const slopes = pixels.map((pixel) => {
    const at = (step: number) => {
      // Float64 pixels: float32 would swallow the step.
      const data = Float64Array.from(image.data) as unknown as Float32Array;
      data[pixel] = (data[pixel] as number) + step;
      return value({ ...image, data });
    };
    return (at(STEP) - at(-STEP)) / (2 * STEP);
  });
  return { pixels, slopes };
}

test.each(CASES)("value and gradient: %s", async (_, form, { width, height, masked = false }) => {
  const image = randomPicture(width, height, 1);
  const opaqueContent = randomPicture(width, height, 2);
  const opaqueStyle = randomPicture(41, 34, 3);
  const content = masked ? withBlob(opaqueContent) : opaqueContent;
  const style = masked ? withBlob(opaqueStyle) : opaqueStyle;

  const tolerance = TOLERANCES[exactness(form)];
  const naive = naiveObjective(SMALL_NETWORK, content, style, form);
  const expected = naive(image);
  const actual = await evaluateObjective({ networkPath: SMALL_NETWORK_PATH, image, content, style, settings: form });
  expect(relativeError(Object.values(actual.losses.styleLayers), expected.style)).toBeLessThan(tolerance.loss);
  expect(relativeError(Object.values(actual.losses.contentLayers), expected.content)).toBeLessThan(tolerance.loss);
  expect(relativeError([actual.losses.total], [expected.total])).toBeLessThan(tolerance.loss);

  const { pixels, slopes } = centralDifferences((picture) => naive(picture).total, image, SAMPLES[sampling(form)], 7);
  const sampled = pixels.map((pixel) => actual.gradient[pixel] as number);
  expect(relativeError(sampled, slopes)).toBeLessThan(tolerance.gradient);
});

test.each([
  ["a faint style", 0.05],
  ["a style of one color", 0],
])("Wasserstein-2 of a picture of one color against %s", async (_, contrast) => {
  const form = only("style", { styleLoss: "w2", padding: "replicate" });
  const style = randomPicture(41, 34, 3);
  style.data = style.data.map((value) => 0.5 + contrast * (value - 0.5));
  const image: Picture = { width: 35, height: 33, channels: 3, data: new Float32Array(3 * 35 * 33).fill(0.8) };
  const naive = naiveObjective(SMALL_NETWORK, image, style, form);
  const actual = await evaluateObjective({
    networkPath: SMALL_NETWORK_PATH,
    image,
    content: image,
    style,
    settings: form,
  });
  expect(relativeError(Object.values(actual.losses.styleLayers), naive(image).style)).toBeLessThan(1e-3);
  // Along the gradient g, the slope of the twin is |g|².
  const moved = (step: number): Picture => {
    const data = Float64Array.from(image.data, (value, i) => value + step * (actual.gradient[i] as number));
    return { ...image, data: data as unknown as Float32Array };
  };
  const squaredNorm = actual.gradient.reduce((sum, value) => sum + value ** 2, 0);
  const step = STEP / Math.sqrt(squaredNorm);
  const slope = (naive(moved(step)).total - naive(moved(-step)).total) / (2 * step);
  expect(relativeError([squaredNorm], [slope])).toBeLessThan(TOLERANCES.w2.gradient);
});

test("equal maxima share the gradient, so that a flat area moves at the right pace", async () => {
  const form: Form = { ...only("content"), pooling: "max", padding: "replicate" };
  const flat = (value: number): Picture => ({
    width: 36,
    height: 34,
    channels: 3,
    data: new Float32Array(3 * 36 * 34).fill(value),
  });
  const content = randomPicture(36, 34, 2);
  const { gradient } = await evaluateObjective({
    networkPath: SMALL_NETWORK_PATH,
    image: flat(0.5),
    content,
    style: content,
    settings: form,
  });
  const naive = naiveObjective(SMALL_NETWORK, content, content, form);
  const slope = (naive(flat(0.5 + 2 ** -12)).total - naive(flat(0.5 - 2 ** -12)).total) / 2 ** -11;
  const sum = gradient.reduce((a, b) => a + b, 0);
  expect(relativeError([sum], [slope])).toBeLessThan(1e-3);
});

test("the same request gives the same bytes, from a fresh session and from one that is kept", async () => {
  const image = randomPicture(48, 40, 1);
  const request = {
    networkPath: SMALL_NETWORK_PATH,
    image,
    content: randomPicture(48, 40, 2),
    style: image,
    settings: { ...EVERY_TERM, threads: 1 },
  };
  const first = await evaluateObjective(request);
  const second = await evaluateObjective(request);
  expect(second.gradient).toEqual(first.gradient);
  expect(second.losses).toEqual(first.losses);
});
