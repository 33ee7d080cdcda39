// Quick pictures of what has little to say: flat, black, transparent, tiny and long pictures, and hundreds of random
// jobs. Every sample of a result is finite and within 0 … 1, with the networks that come along; what has nothing to see is
// refused.

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { stylize } from "../../../native/binding/binding.ts";
import type { EngineSettings } from "../../../native/binding/types.ts";
import { waves } from "../../ui/engines/panel/twin.ts";
import { randomNumbers, randomPicture } from "../support/objective.ts";

/** As many as take a few minutes on two cores. */
const JOBS = 300;

const networks = fileURLToPath(new URL("../../../native/networks/", import.meta.url));
const networkPath = `${networks}vgg19-slim.safetensors`;
const painter = { networkPath, detailerPath: `${networks}detailer-slim.safetensors` };

/** One color, and alpha where it is given. */
function flat(width: number, height: number, value: number, alpha?: number): Picture {
  const plane = width * height;
  const data = new Float32Array((alpha === undefined ? 3 : 4) * plane).fill(value);
  if (alpha !== undefined) data.fill(alpha, 3 * plane);
  return { width, height, channels: alpha === undefined ? 3 : 4, data };
}

/** Seen in a square of its left upper corner alone. */
function seenInCorner(width: number, height: number, side: number): Picture {
  const picture = flat(width, height, 0.5, 0);
  const alpha = picture.data.subarray(3 * width * height);
  for (let y = 0; y < side; y++) alpha.fill(1, y * width, y * width + side);
  return picture;
}

async function paint(content: Picture, style: Picture, settings: Partial<EngineSettings> = {}): Promise<Picture> {
  const quick = { quality: "quick", size: Math.max(content.width, content.height), device: "cpu" } as const;
  const all = { ...DEFAULT_SETTINGS, ...quick, ...settings };
  const request = { content, styles: [{ picture: style, weight: 1 }], settings: all, networkPath, painter };
  return (await stylize(request).result).picture;
}

function expectFinite({ data }: Picture): void {
  expect(data.findIndex((value) => !(value >= 0 && value <= 1))).toBe(-1);
}

const plain = waves(300, 200, 0.3);

test.each<[string, Picture, Picture]>([
  ["a flat content", flat(300, 200, 0.6), plain],
  ["a flat style", plain, flat(120, 90, 0.2)],
  ["black on black", flat(300, 200, 0), flat(300, 200, 0)],
  ["white on black", flat(300, 200, 1), flat(300, 200, 0)],
  ["an almost transparent content", seenInCorner(300, 200, 12), plain],
  ["a half transparent content", flat(300, 200, 0.4, 0.5), plain],
  ["a transparent style", plain, seenInCorner(200, 200, 12)],
  ["32 px", waves(32, 32, 0.1), waves(32, 32, 0.7)],
  ["32 × 4000 px", waves(32, 4000, 0.1), plain],
  ["4000 × 32 px in a style that is as long", waves(4000, 32, 0.1), waves(32, 4000, 0.5)],
])("%s is painted in finite colors", async (_, content, style) => {
  expectFinite(await paint(content, style));
  expectFinite(await paint(content, style, { iterations: 3, strength: 100 }));
});

test("what is seen at one pixel alone is refused", async () => {
  await expect(paint(seenInCorner(300, 200, 1), plain)).rejects.toMatchObject({ code: "bad-picture" });
  await expect(paint(plain, seenInCorner(300, 200, 1))).rejects.toMatchObject({ code: "bad-picture" });
});

test(`${JOBS} random jobs are`, async () => {
  for (let seed = 0; seed < JOBS; seed++) {
    const random = randomNumbers(seed);
    const side = () => 32 + Math.floor(random() ** 3 * 120);
    const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
    const any = (): Picture => {
      const [width, height] = [side(), side()];
      return pick(
        () => randomPicture(width, height, seed, pick(3, 4)),
        () => waves(width, height, random()),
        () => flat(width, height, pick(0, 1, random()), pick(undefined, 1, 0.5)),
        () => seenInCorner(width, height, 16),
      )();
    };
    const settings: Partial<EngineSettings> = {
      strength: pick(1, 50, 100),
      styleScale: pick(0.1, 1, 4),
      carry: pick("transport", "adain"),
      colors: pick("style", "keep", "keep-linear", "keep-histogram"),
      minScale: pick(32, 64, 128),
      firstIterations: pick(1, 5),
      iterations: pick(null, null, 2),
      seed,
    };
    const picture = await paint(any(), any(), settings);
    expect(
      picture.data.findIndex((value) => !(value >= 0 && value <= 1)),
      `job ${seed}`,
    ).toBe(-1);
  }
});
