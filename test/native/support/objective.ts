// One loss and gradient of the native engine from plain pictures, and what tests compare it with.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Picture } from "../../../companion/protocol/engine.ts";
import { toMask } from "../../../companion/protocol/mask.ts";
import { parseSettings, type Settings } from "../../../companion/protocol/settings.ts";
import { resolveSettings } from "../../../companion/protocol/sizing.ts";
import { loadAddon } from "../../../native/binding/load.ts";
import type { ObjectiveEvaluation } from "../../../native/binding/types.ts";

export interface EvaluationInput {
  networkPath: string;
  image: Picture;
  content: Picture;
  style: Picture;
  /** In place of the style: several, each in a region of its own. */
  styles?: readonly { picture: Picture; region: Picture }[];
  settings: Partial<Settings>;
  repeats?: number;
  /** In tiles of so many pixels a side. */
  tile?: number;
}

/** On the CPU with raw Gram matrices and zero padding, unless the settings say otherwise. */
export async function evaluateObjective(input: EvaluationInput): Promise<ObjectiveEvaluation> {
  const settings = parseSettings({
    device: "cpu",
    styleLoss: "gram",
    padding: "zero",
    contentWeight: 1,
    styleWeight: 1,
    tvWeight: 0,
    ...input.settings,
  });
  return await loadAddon().evaluateObjective({
    networkPath: input.networkPath,
    image: input.image,
    content: input.content,
    styles: (input.styles ?? [{ picture: input.style, region: null }]).map(({ picture, region }) => ({
      picture,
      region: region === null ? null : toMask(region),
    })),
    settings: resolveSettings(settings, input.content),
    repeats: input.repeats ?? 1,
    tile: input.tile ?? 0,
  });
}

/** ‖a − b‖ / ‖b‖; NaN stays NaN so that a comparison with it fails. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += ((a[i] as number) - (b[i] as number)) ** 2;
    size += (b[i] as number) ** 2;
  }
  return Math.sqrt(difference / size);
}

/** Uniform in [0, 1), seeded (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomPicture(width: number, height: number, seed: number, channels: 3 | 4 = 3): Picture {
  const random = randomNumbers(seed);
  return { width, height, channels, data: Float32Array.from({ length: channels * width * height }, random) };
}

/** Writes bytes to a new temporary file and returns its path. */
export function temporaryFile(name: string, bytes: Uint8Array): string {
  const path = join(mkdtempSync(join(tmpdir(), "impasto-test-")), name);
  writeFileSync(path, bytes);
  return path;
}
