// The panel's detailer does what the native one does, file by file of the same name: one pass over the same draft, noise,
// the map between statistics, sizes.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Picture } from "../../../../../companion/protocol/engine.ts";
import { ImpastoError } from "../../../../../companion/protocol/errors.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../../../companion/protocol/settings.ts";
import { plan } from "../../../../../native/binding/binding.ts";
import { loadAddon } from "../../../../../native/binding/load.ts";
import { startBackend } from "../../../../../ui/engines/panel/backends/backend.ts";
import { openDetail } from "../../../../../ui/engines/panel/core/detail.ts";
import { parseDetailer } from "../../../../../ui/engines/panel/core/detailer.ts";
import { splitAlpha } from "../../../../../ui/engines/panel/core/holes.ts";
import { toInterleaved, toPicture } from "../../../../../ui/engines/panel/core/image.ts";
import { parseNetwork } from "../../../../../ui/engines/panel/core/network.ts";
import { quickSizes } from "../../../../../ui/engines/panel/core/quick-sizes.ts";
import { CARRIES } from "../../../../../ui/engines/panel/core/transport.ts";
import { makeDetailer, writeDetailer } from "../../../../native/support/detailer.ts";
import { NETWORK as EIGHTH } from "../../../../native/support/run.ts";
import { waves } from "../twin.ts";

const EMBEDDED = (name: string) =>
  fileURLToPath(new URL(`../../../../../native/networks/${name}.safetensors`, import.meta.url));
const read = (path: string) => new Uint8Array(readFileSync(path));
const folder = mkdtempSync(join(tmpdir(), "impasto-twin-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => startBackend());

/**
 * Per pixel. Both sum in float32 in another order; the transport multiplies that up to 40 times where features hardly vary
 * (test/native/detail), so that single pixels are 5e-4 apart.
 */
const TOLERANCE = 2e-3;

function open(networkPath: string, detailerPath: string) {
  const network = parseNetwork(read(networkPath));
  const widths = new Map(network.convolutions.map(({ layer, outChannels }) => [layer, outChannels]));
  return openDetail(network, parseDetailer(read(detailerPath), widths));
}

interface Pass {
  draft: Picture;
  content: Picture;
  style: Picture;
  carry: Settings["carry"];
  share: number;
  seed: number;
}

async function furthest(networkPath: string, detailerPath: string, pass: Pass): Promise<number> {
  const native = await loadAddon().addDetail({ ...pass, networkPath, detailerPath, threads: 1, windowPixels: 1e6 });
  const detail = open(networkPath, detailerPath);
  const style = await detail.measure(splitAlpha(pass.style));
  const { carry, share, seed } = pass;
  const own = toPicture(
    await detail.add(toInterleaved(pass.draft), splitAlpha(pass.content), { style, carry, share, seed }),
  );
  detail.close();
  expect([own.width, own.height]).toEqual([native.width, native.height]);
  return own.data.reduce((most, value, i) => Math.max(most, Math.abs(value - (native.data[i] ?? Number.NaN))), 0);
}

function withDisc({ width, height, data }: Picture): Picture {
  const alpha = Float32Array.from({ length: width * height }, (_, i) =>
    Math.min(1, Math.max(0, 20 - Math.hypot((i % width) - width / 2, Math.floor(i / width) - height / 2))),
  );
  return { width, height, channels: 4, data: Float32Array.from([...data, ...alpha]) };
}

describe("a pass of the detailer", () => {
  test("by the embedded networks paints the native engine's picture", async () => {
    const pictures = { draft: waves(32, 24, 1), content: waves(61, 46, 0), style: waves(50, 44, 2) };
    const pass = { ...pictures, carry: "transport", share: 1, seed: 5 } as const;
    const away = await furthest(EMBEDDED("vgg19-slim"), EMBEDDED("detailer-slim"), pass);
    console.log("embedded", away.toExponential(1));
    expect(away <= TOLERANCE).toBe(true);
  });

  test.each([
    ["a share of the style's statistics", { share: 0.4 }],
    ["more than the style's statistics", { share: 1.6 }],
    ["means and deviations alone", { carry: "adain", share: 0.8 }],
    ["another seed", { seed: 4_000_000_000 }],
    ["a content that is transparent around a disc", { content: withDisc(waves(64, 48, 0)) }],
  ] as const)("with %s paints the native engine's picture", async (_, change) => {
    const detailer = writeDetailer(join(folder, "detailer.safetensors"), makeDetailer());
    const pictures = { draft: waves(32, 24, 1), content: waves(64, 48, 0), style: waves(48, 40, 2) };
    const pass = { ...pictures, carry: "transport", share: 1, seed: 5 } as const;
    const away = await furthest(EIGHTH, detailer, { ...pass, ...change });
    console.log(_, away.toExponential(1));
    expect(away <= TOLERANCE).toBe(true);
  });
});

describe("the map between two Gaussians", () => {
  test("carries the one's covariance onto the other's, and at a share of 0 nothing", () => {
    const from = { mean: Float64Array.of(1, 2), covariance: Float64Array.of(2, 0.5, 0.5, 1) };
    const to = { mean: Float64Array.of(-1, 0.5), covariance: Float64Array.of(1, -0.3, -0.3, 3) };
    const { matrix, offset } = CARRIES.transport(from, to, 1e-12, 1);
    const [a = 0, b = 0, c = 0, d = 0] = matrix;
    const [p = 0, q = 0, r = 0, s = 0] = from.covariance;
    const carried = [
      a * (a * p + b * r) + b * (a * q + b * s),
      a * (c * p + d * r) + b * (c * q + d * s),
      c * (c * p + d * r) + d * (c * q + d * s),
    ];
    for (const [i, expected] of [1, -0.3, 3].entries()) expect(carried[i]).toBeCloseTo(expected, 5);
    expect(a * 1 + b * 2 + (offset[0] as number)).toBeCloseTo(-1, 5);
    expect(c * 1 + d * 2 + (offset[1] as number)).toBeCloseTo(0.5, 5);
    expect([...CARRIES.transport(from, to, 1e-4, 0).matrix]).toEqual([1, 0, 0, 1]);
  });

  test("beyond all of the way goes on with how features vary, and stays at the other's mean", () => {
    const from = { mean: Float64Array.of(1, 2), covariance: Float64Array.of(2, 0.5, 0.5, 1) };
    const to = { mean: Float64Array.of(-1, 0.5), covariance: Float64Array.of(1, -0.3, -0.3, 3) };
    const [all, beyond] = [1, 1.5].map((share) => CARRIES.transport(from, to, 1e-12, share).matrix);
    const identity = [1, 0, 0, 1];
    const further = [...(all ?? [])].map((value, i) => value + 0.5 * (value - (identity[i] as number)));
    for (const [i, value] of further.entries()) expect(beyond?.[i]).toBeCloseTo(value, 5);
    const { matrix, offset } = CARRIES.transport(from, to, 1e-12, 1.5);
    const atMean = [0, 1].map(
      (i) => (matrix[2 * i] as number) + 2 * (matrix[2 * i + 1] as number) + (offset[i] as number),
    );
    expect(atMean[0]).toBeCloseTo(-1, 5);
    expect(atMean[1]).toBeCloseTo(0.5, 5);
  });

  test("of means and deviations carries each channel by itself", () => {
    const from = { mean: Float64Array.of(1, 2), covariance: Float64Array.of(4, 0.5, 0.5, 1) };
    const to = { mean: Float64Array.of(-1, 0.5), covariance: Float64Array.of(1, -0.3, -0.3, 9) };
    const { matrix, offset } = CARRIES.adain(from, to, 1e-12, 1);
    expect([...matrix].map((value) => Number(value.toFixed(5)))).toEqual([0.5, 0, 0, 3]);
    expect([...offset].map((value) => Number(value.toFixed(5)))).toEqual([-1.5, -5.5]);
    expect([...CARRIES.adain(from, to, 1e-12, 0.5).matrix].map((value) => Number(value.toFixed(5)))).toEqual([
      0.75, 0, 0, 2,
    ]);
  });
});

test.each([
  [64, 48, 32],
  [300, 200, 128],
  [264, 200, 128],
  [1024, 90, 128],
  [100, 80, 128],
])("the steps to %i × %i from %i are the native engine's", async (width, height, minScale) => {
  const settings = { ...DEFAULT_SETTINGS, quality: "quick", size: width, minScale, device: "cpu" } as const;
  const content = { width, height };
  const painter = { networkPath: EMBEDDED("vgg19-slim"), detailerPath: EMBEDDED("detailer-slim") };
  const request = { content, styles: [{ picture: content, weight: 1 }], settings };
  const { scales } = await plan({ ...request, networkPath: painter.networkPath, painter });
  expect(quickSizes(content, settings).map((size) => [size.width, size.height])).toEqual(
    scales.map((scale) => [scale.width, scale.height]),
  );
});

test("a detailer that is for another network is refused", () => {
  const file = read(EMBEDDED("detailer-slim"));
  expect(() => parseDetailer(file, new Map([["relu5_1", 64]]))).toThrowError(ImpastoError);
  expect(() => parseDetailer(read(EMBEDDED("vgg19-slim")), new Map())).toThrowError(/no detailer/);
});
