// Quick pictures of what has little to say: flat, black, transparent, tiny and long pictures, and a thousand random
// jobs. Every sample of a result is finite and within 0 … 1, with the networks that come along; what has nothing to see is
// refused.

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { stylize } from "../../../native/binding/binding.ts";
import type { EngineSettings } from "../../../native/binding/types.ts";
import { waves } from "../../ui/engines/panel/twin.ts";
import { randomNumbers } from "../support/objective.ts";
import { expectFinite, flat, oddPicture, seenInCorner } from "../support/odd-pictures.ts";

/** A thousand, in parts that can be run by themselves. */
const PARTS = Array.from({ length: 10 }, (_, part) => 100 * part);

const networks = fileURLToPath(new URL("../../../native/networks/", import.meta.url));
const networkPath = `${networks}vgg19-slim.safetensors`;
const painter = { networkPath, detailerPath: `${networks}detailer-slim.safetensors` };

async function paint(content: Picture, style: Picture, settings: Partial<EngineSettings> = {}): Promise<Picture> {
  const quick = { quality: "quick", size: Math.max(content.width, content.height), device: "cpu" } as const;
  const all = { ...DEFAULT_SETTINGS, ...quick, ...settings };
  const request = { content, styles: [{ picture: style, weight: 1 }], settings: all, networkPath, painter };
  return (await stylize(request).result).picture;
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

test.each(PARTS)("random jobs from number %i on are", async (first) => {
  for (let seed = first; seed < first + 100; seed++) {
    const random = randomNumbers(seed);
    const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
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
    const any = () => oddPicture(random, seed, 120);
    expectFinite(await paint(any(), any(), settings), `job ${seed}`);
  }
});
