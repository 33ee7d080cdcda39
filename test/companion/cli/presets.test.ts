// --preset and impasto presets: presets paint (every one: presets.slow.test.ts), flags go on top, a file of one's own begins where one is printed.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PRESET_NAMES, PRESETS } from "../../../companion/protocol/presets.ts";
import { expectPreset, PAIR, paintSmall } from "./paint-preset.ts";
import { runCli } from "./run-cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-presets-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("--preset", () => {
  const two = PRESETS.filter(({ name }) => name === "gatys-2016" || name === "patches");
  test.each(two.map((preset) => [preset.name, preset] as const))("%s paints with its settings", (_, preset) =>
    expectPreset(folder, preset),
  );

  test("takes a file, and flags go on top", async () => {
    const { stdout } = await runCli(["presets", "crowsonkb", "--json"]);
    const file = join(folder, "mine.json");
    writeFileSync(file, stdout);
    const { recipe } = await paintSmall(folder, "mine", ["--preset", file, "--averaging", "0"]);
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
