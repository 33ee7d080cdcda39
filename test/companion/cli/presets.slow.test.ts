// Every preset paints.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { PRESETS } from "../../../companion/protocol/presets.ts";
import { runCli } from "./run-cli.ts";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
const PAIR = [join(SAMPLES, "tubingen.jpg"), join(SAMPLES, "starry-night.jpg")];
/** Of what a preset takes hundreds. */
const SMALL = ["--size", "64", "--network", "vgg19-slim", "--first-iterations", "2", "--iterations", "1"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-presets-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function paint(name: string, flags: readonly string[]) {
  const out = join(folder, `${name}.png`);
  const { code, stderr } = await runCli(["stylize", ...PAIR, "-o", out, ...SMALL, ...flags]);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  const png = readFileSync(out);
  return { recipe: readRecipe(png), size: await sharp(png).metadata() };
}

test.each(PRESETS.map((preset) => [preset.name, preset] as const))(
  "%s paints with its settings",
  async (name, preset) => {
    const { recipe, size } = await paint(name, ["--preset", name]);
    expect(Math.max(size.width, size.height)).toBe(64);
    const { size: _size, firstIterations: _first, iterations: _further, ...kept } = preset.settings;
    expect(recipe?.settings).toMatchObject(kept);
  },
);
