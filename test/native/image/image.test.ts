// Picture operations of the engine against naive twins in double precision.

import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { loadAddon } from "../../../native/binding/load.ts";
import { randomPicture } from "../support/objective.ts";

/** float32 sums of up to a hundred taps. */
const TOLERANCE = 2e-6;

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const lanczos3 = (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0);
const catmullRom = (signed: number) => {
  const x = Math.abs(signed);
  if (x < 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
};

/** One axis: every input sample weighs by the kernel at its distance, the border repeated. */
function resample(values: number[], count: number): number[] {
  const scale = values.length / count;
  const stretch = Math.max(1, scale);
  const [kernel, radius] = scale > 1 ? [lanczos3, 3] : [catmullRom, 2];
  return Array.from({ length: count }, (_, i) => {
    const center = (i + 0.5) * scale - 0.5;
    let sum = 0;
    let weights = 0;
    for (let j = Math.ceil(center - radius * stretch); j <= center + radius * stretch; j++) {
      const weight = kernel((j - center) / stretch);
      sum += weight * (values[Math.min(values.length - 1, Math.max(0, j))] as number);
      weights += weight;
    }
    return sum / weights;
  });
}

function naiveResize({ width, height, channels, data }: Picture, newWidth: number, newHeight: number): number[] {
  const result: number[] = [];
  for (let c = 0; c < channels; c++) {
    const rows = Array.from({ length: height }, (_, y) =>
      resample([...data.subarray((c * height + y) * width, (c * height + y + 1) * width)], newWidth),
    );
    const columns = Array.from({ length: newWidth }, (_, x) =>
      resample(
        rows.map((row) => row[x] as number),
        newHeight,
      ),
    );
    for (let y = 0; y < newHeight; y++) {
      for (let x = 0; x < newWidth; x++) result.push(Math.min(1, Math.max(0, columns[x]?.[y] as number)));
    }
  }
  return result;
}

test.each([
  [17, 13],
  [80, 61],
  [9, 70],
  [40, 32],
])("resizing 40 × 32 to %i × %i equals the naive twin", (width, height) => {
  const picture = randomPicture(40, 32, 1);
  const { data } = loadAddon().resizePicture(picture, width, height);
  const expected = naiveResize(picture, width, height);
  expect(data.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(!(Math.abs((data[i] as number) - value) <= TOLERANCE), `sample ${i}`).toBe(false);
  }
});

test("a flat picture stays flat at any size", () => {
  const data = new Float32Array(3 * 50 * 37).fill(0.3);
  const { data: resized } = loadAddon().resizePicture({ width: 50, height: 37, channels: 3, data }, 33, 90);
  for (const value of resized) expect(Math.abs(value - 0.3)).toBeLessThan(1e-6);
});

test("shrinking a fine checkerboard leaves its mean and no moiré", () => {
  const size = 64;
  const data = Float32Array.from({ length: 3 * size * size }, (_, i) => ((i % size) + Math.floor(i / size)) % 2);
  const { data: resized } = loadAddon().resizePicture({ width: size, height: size, channels: 3, data }, 23, 23);
  for (const value of resized) expect(Math.abs(value - 0.5)).toBeLessThan(0.06);
});

test("the colors of transparent pixels do not bleed in", () => {
  // Left half red and opaque, right half green and transparent.
  const size = 32;
  const plane = size * size;
  const data = new Float32Array(4 * plane);
  for (let i = 0; i < plane; i++) {
    const left = i % size < size / 2;
    data[i] = left ? 1 : 0;
    data[plane + i] = left ? 0 : 1;
    data[3 * plane + i] = left ? 1 : 0;
  }
  const small = loadAddon().resizePicture({ width: size, height: size, channels: 4, data }, 11, 11);
  const smallPlane = 11 * 11;
  expect(small.channels).toBe(4);
  for (let i = 0; i < smallPlane; i++) {
    if ((small.data[3 * smallPlane + i] as number) === 0) continue;
    expect(small.data[i]).toBeGreaterThan(0.99);
    expect(small.data[smallPlane + i]).toBeLessThan(0.01);
  }
});

test("a picture without a visible pixel is refused", () => {
  const data = new Float32Array(4 * 32 * 32);
  expect(() => loadAddon().resizePicture({ width: 32, height: 32, channels: 4, data }, 16, 16)).toThrow(/transparent/);
});

function statistics({ data, width, height }: Picture): { mean: number[]; covariance: number[][] } {
  const n = width * height;
  const at = (c: number, i: number) => data[c * n + i] as number;
  const mean = [0, 1, 2].map((c) => Array.from({ length: n }, (_, i) => at(c, i)).reduce((a, b) => a + b) / n);
  const covariance = [0, 1, 2].map((a) =>
    [0, 1, 2].map((b) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (at(a, i) - (mean[a] as number)) * (at(b, i) - (mean[b] as number));
      return sum / n;
    }),
  );
  return { mean, covariance };
}

/** Away from 0 and 1, so that nothing is clipped. */
function mutedPicture(seed: number, tint: readonly number[]): Picture {
  const picture = randomPicture(40, 36, seed);
  const n = picture.width * picture.height;
  picture.data = picture.data.map((v, i) => (tint[Math.floor(i / n)] as number) + 0.15 * (v - 0.5));
  return picture;
}

test("matched colors have the target's mean and covariance", () => {
  const matched = loadAddon().transferColors(
    "match-colors",
    mutedPicture(3, [0.3, 0.5, 0.6]),
    mutedPicture(4, [0.6, 0.4, 0.5]),
  );
  const got = statistics(matched);
  const wanted = statistics(mutedPicture(4, [0.6, 0.4, 0.5]));
  for (let a = 0; a < 3; a++) {
    expect(Math.abs((got.mean[a] as number) - (wanted.mean[a] as number))).toBeLessThan(1e-4);
    for (let b = 0; b < 3; b++) {
      // Both covariances carry a ridge of 1e-5.
      expect(Math.abs((got.covariance[a]?.[b] as number) - (wanted.covariance[a]?.[b] as number))).toBeLessThan(3e-5);
    }
  }
});

test("matched histograms have the target's tones, darkest to lightest, in each channel", () => {
  const target = mutedPicture(4, [0.6, 0.4, 0.5]);
  const matched = loadAddon().transferColors("match-histograms", mutedPicture(3, [0.3, 0.5, 0.6]), target);
  const n = target.width * target.height;
  for (let c = 0; c < 3; c++) {
    const [got, wanted] = [matched, target].map(({ data }) => data.slice(c * n, (c + 1) * n).sort()) as [
      Float32Array,
      Float32Array,
    ];
    // Between two of the target's 1,440 values any is right; the bins are 1/1024 wide.
    const gap = wanted.reduce((most, value, i) => Math.max(most, value - (wanted[i - 1] ?? value)), 0);
    for (let i = 0; i < n; i++) {
      expect(Math.abs((got[i] as number) - (wanted[i] as number))).toBeLessThan(gap + 2 / 1024);
    }
  }
});

test("replacing luminance keeps I and Q and takes Y", () => {
  const content = mutedPicture(5, [0.4, 0.5, 0.6]);
  const painted = mutedPicture(6, [0.5, 0.5, 0.5]);
  const { data } = loadAddon().transferColors("replace-luminance", painted, content);
  const n = content.width * content.height;
  const luma = (d: Float32Array, i: number) =>
    0.299 * (d[i] as number) + 0.587 * (d[n + i] as number) + 0.114 * (d[2 * n + i] as number);
  for (let i = 0; i < n; i++) {
    expect(Math.abs(luma(data, i) - luma(painted.data, i))).toBeLessThan(1e-5);
    const chroma = (d: Float32Array) => (d[i] as number) - (d[2 * n + i] as number);
    expect(Math.abs(chroma(data) - chroma(content.data))).toBeLessThan(1e-5);
  }
});

test("a style's luminance takes the content's mean and spread", () => {
  const style = mutedPicture(7, [0.3, 0.3, 0.3]);
  const content = mutedPicture(8, [0.6, 0.5, 0.7]);
  const gray = (picture: Picture) => {
    const same = loadAddon().transferColors("match-luminance", picture, picture);
    return statistics(same);
  };
  const matched = statistics(loadAddon().transferColors("match-luminance", style, content));
  const wanted = gray(content);
  expect(matched.mean[0]).toBeCloseTo(wanted.mean[0] as number, 4);
  expect(matched.covariance[0]?.[0]).toBeCloseTo(wanted.covariance[0]?.[0] as number, 5);
});
