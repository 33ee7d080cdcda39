// Decodes malformed pictures and holds every outcome against the promise: a fine picture or a typed error, soon.

import { expect } from "vitest";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { MIN_SIDE_PX } from "../../../companion/protocol/limits.ts";
import { processorClock } from "../../setup/processor-time.ts";
import { createRandom } from "../random.ts";
import { makeCorpus } from "./corpus.ts";
import { malform } from "./mutations.ts";

/** Of processor time, for one file: far above what any took (see the printed figure). A test that hangs ends itself. */
const LONGEST_MS = 5000;
/** The decoders' caches and arenas settle well below this; a leak of a few kB a file does not. */
const GROWTH_BYTES = 200e6;
/**
 * Above what the process held, for any one file of the corpus (each a few kB): a header that says 64 megapixels is taken at
 * its word, and a decoder that has to hold all of them, as of interlaced ones, takes 16 bits a channel, twice.
 */
const PEAK_BYTES = 64 * 2 ** 20 * 3 * 4;
const MAX_SIDE_PX = 64;
const ALLOWED = new Set(["bad-picture", "unsupported-picture", "picture-too-large"]);

export interface Tally {
  fine: number;
  refused: Record<string, number>;
  longestMs: number;
  growthBytes: number;
  peakBytes: number;
}

export async function decodeMany(count: number, firstSeed: number): Promise<Tally> {
  const corpus = await makeCorpus();
  const tally: Tally = { fine: 0, refused: {}, longestMs: 0, growthBytes: 0, peakBytes: 0 };
  let before = 0;
  for (let i = 0; i < count; i++) {
    // The first tenth fills caches and arenas; growth is measured after it.
    if (i === Math.floor(count / 10)) before = process.memoryUsage().rss;
    const seed = firstSeed + i;
    const { name, bytes } = malform(corpus, createRandom(seed));
    const held = process.memoryUsage().rss;
    const spent = processorClock();
    const outcome = await attempt(bytes);
    const elapsed = spent();
    tally.longestMs = Math.max(tally.longestMs, elapsed);
    expect(elapsed, `seed ${seed}, ${name}`).toBeLessThan(LONGEST_MS);
    tally.peakBytes = Math.max(tally.peakBytes, process.resourceUsage().maxRSS * 1024 - held);
    if (outcome === "fine") tally.fine += 1;
    else {
      expect(ALLOWED, `seed ${seed}, ${name}`).toContain(outcome);
      tally.refused[outcome] = (tally.refused[outcome] ?? 0) + 1;
    }
  }
  tally.growthBytes = process.memoryUsage().rss - before;
  expect(tally.peakBytes).toBeLessThan(PEAK_BYTES);
  expect(tally.growthBytes).toBeLessThan(GROWTH_BYTES);
  return tally;
}

/** @returns "fine" or the error's code */
async function attempt(bytes: Buffer): Promise<string> {
  try {
    const { picture } = await decodePicture(bytes, "file", { maxSide: MAX_SIDE_PX });
    const { width, height, channels, data } = picture;
    expect(data.length).toBe(width * height * channels);
    expect(Math.max(width, height) <= MAX_SIDE_PX || Math.min(width, height) <= MIN_SIDE_PX).toBe(true);
    expect(data.every((value) => value >= 0 && value <= 1)).toBe(true);
    return "fine";
  } catch (error) {
    if (error instanceof ImpastoError) return error.code;
    throw error;
  }
}
