// impasto explore: a sheet of variations, each with the flags that make it again.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { runCli } from "./run-cli.ts";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
const CONTENT = join(SAMPLES, "tubingen.jpg");
const STYLE = join(SAMPLES, "starry-night.jpg");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-explore-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("paints nine variations on one sheet, and keeps each with its recipe where a folder is named", async () => {
  const out = join(folder, "sheet.png");
  const cells = join(folder, "cells");
  const flags = ["--size", "64", "--quality", "draft", "--first-iterations", "2", "--network", "vgg19-slim"];
  const args = ["explore", CONTENT, STYLE, "-o", out, "--cells", cells, "--json", ...flags];
  const { code, stdout, stderr } = await runCli(args, { env: { TMPDIR: folder } });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  const report = JSON.parse(stdout);
  expect(report.cells).toHaveLength(9);
  expect(report.cells[5]).toMatchObject({ number: 6, flags: ["--strength 50", "--style-scale 2"] });
  const recipe = readRecipe(readFileSync(report.cells[5].path));
  expect(recipe?.settings).toMatchObject({ strength: 50, styleScale: 2 });
  const { width = 0, height = 0 } = await sharp(out).metadata();
  expect(width).toBe(12 + 3 * 268);
  expect(height).toBeGreaterThan(3 * 200);
  // Every cell has a picture: none of them is the sheet's white.
  for (let i = 0; i < 9; i++) {
    const area = {
      left: 12 + (i % 3) * 268,
      top: 12 + Math.floor(i / 3) * Math.floor((height - 12) / 3),
      width: 256,
      height: 150,
    };
    const { channels } = await sharp(await sharp(out).extract(area).png().toBuffer()).stats();
    expect(channels[0]?.mean).toBeLessThan(200);
  }
  expect(readdirSync(folder).sort()).toEqual(["cells", "sheet.png"]);
});

test("BAD CALL - a sheet or a cell that would take an input's place, a sheet that is a folder", async () => {
  const own = join(folder, "01.png");
  await sharp(CONTENT).resize(64).png().toFile(own);
  const before = readFileSync(own);
  const sheets = join(folder, "sheets.png");
  mkdirSync(sheets);
  const calls: [string[], RegExp][] = [
    [[own, STYLE, "-o", own], /one of the inputs/],
    [[CONTENT, own, "-o", join(folder, "other.png"), "--cells", folder], /one of the inputs/],
    [[CONTENT, STYLE, "-o", sheets], /is a folder/],
  ];
  for (const [args, words] of calls) {
    const { code, stderr } = await runCli(["explore", ...args]);
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(words)]);
  }
  expect(readFileSync(own).equals(before)).toBe(true);
});
