// --preset and impasto presets: presets paint (every one: presets.slow.test.ts), flags go on top, a file of one's own begins where one is printed.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { PRESET_NAMES, PRESETS } from "../../../companion/protocol/presets.ts";
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

describe("--preset", () => {
  const two = PRESETS.filter(({ name }) => name === "gatys-2016" || name === "patches");
  test.each(two.map((preset) => [preset.name, preset] as const))(
    "%s paints with its settings",
    async (name, preset) => {
      const { recipe, size } = await paint(name, ["--preset", name]);
      expect(Math.max(size.width, size.height)).toBe(64);
      const { size: _size, firstIterations: _first, iterations: _further, ...kept } = preset.settings;
      expect(recipe?.settings).toMatchObject(kept);
    },
  );

  test("takes a file, and flags go on top", async () => {
    const { stdout } = await runCli(["presets", "crowsonkb", "--json"]);
    const file = join(folder, "mine.json");
    writeFileSync(file, stdout);
    const { recipe } = await paint("mine", ["--preset", file, "--averaging", "0"]);
    expect(recipe?.settings).toMatchObject({ optimizer: "adam", tv: "9-point", averaging: 0 });
  });

  test.each([
    ["one that is none", () => "gatys", /no preset named "gatys"[\s\S]*gatys-2016, gatys-hires/],
    ["a file that is not there", () => join(folder, "none.json"), /none\.json/],
    ["a file that is no JSON", () => write("not.json", "strength: 3"), /not\.json is not valid JSON/],
    [
      "a file with a slip",
      () => write("slip.json", '{"strength": "much"}'),
      /slip\.json: Expected a number from 0 to 100 for --strength/,
    ],
  ])("BAD CALL - %s", async (_, preset, message) => {
    const { code, stderr } = await runCli(["stylize", ...PAIR, "-o", join(folder, "x.png"), "--preset", preset()]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("presets lists all, and shows one with its source and its flags", async () => {
  const { stdout: list } = await runCli(["presets"]);
  expect(
    list
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]),
  ).toEqual(PRESET_NAMES);
  const { stdout: one } = await runCli(["presets", "gatys-2016"]);
  expect(one).toMatch(
    /Source: Gatys, Ecker and Bethge[\s\S]*Weights: [\s\S]*Differs: [\s\S]*--style-loss gram-normalized/,
  );
});
