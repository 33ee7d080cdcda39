// A sample pair painted small with flags, and what a preset must come to.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { expect } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import type { Preset } from "../../../companion/protocol/presets.ts";
import { runCli } from "./run-cli.ts";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
export const PAIR = [join(SAMPLES, "tubingen.jpg"), join(SAMPLES, "starry-night.jpg")];
/** Of what a preset takes hundreds. */
const SMALL = ["--size", "64", "--network", "vgg19-slim", "--first-iterations", "2", "--iterations", "1"];

export async function paintSmall(folder: string, name: string, flags: readonly string[]) {
  const out = join(folder, `${name}.png`);
  const { code, stderr } = await runCli(["stylize", ...PAIR, "-o", out, ...SMALL, ...flags]);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  const png = readFileSync(out);
  return { recipe: readRecipe(png), size: await sharp(png).metadata() };
}

export async function expectPreset(folder: string, { name, settings }: Preset): Promise<void> {
  const { recipe, size } = await paintSmall(folder, name, ["--preset", name]);
  expect(Math.max(size.width, size.height)).toBe(64);
  const { size: _size, firstIterations: _first, iterations: _further, ...kept } = settings;
  expect(recipe?.settings).toMatchObject(kept);
}
