// impasto texture: any size, seamless or not, from the style alone.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { runCli } from "./run-cli.ts";

const STYLE = resolve(import.meta.dirname, "../../../companion/samples/starry-night.jpg");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-texture-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("makes a surface of the asked size, the seed's own, and leaves nothing else behind", async () => {
  const args = [
    "texture",
    STYLE,
    "--size",
    "64x40",
    "--quality",
    "draft",
    "--seamless",
    "both",
    "--network",
    "vgg19-slim",
  ];
  const made = [];
  for (const seed of ["1", "1", "2"]) {
    const out = join(folder, `${made.length}.png`);
    const { code, stderr } = await runCli([...args, "--seed", seed, "-o", out], { env: { TMPDIR: folder } });
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    made.push(readFileSync(out));
  }
  const [first, same, other] = made as [Buffer, Buffer, Buffer];
  const { width, height } = await sharp(first).metadata();
  expect([width, height]).toEqual([64, 40]);
  expect(first.equals(same)).toBe(true);
  expect(first.equals(other)).toBe(false);
  expect(readRecipe(first)?.settings).toMatchObject({ seamless: "both", contentWeight: 0, init: "noise" });
  // The style's blues, not the gray that it is painted on.
  const [red, , blue] = (await sharp(first).stats()).channels.map(({ mean }) => mean) as [number, number, number];
  expect(blue - red).toBeGreaterThan(15);
  expect(readdirSync(folder).sort()).toEqual(["0.png", "1.png", "2.png"]);
});

test("BAD CALL - a size that is none says what one looks like", async () => {
  const { code, stderr } = await runCli(["texture", STYLE, "-o", "out.png", "--size", "64x8"], { cwd: folder });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/Expected a size like 1024x768[\s\S]*from 32 to/)]);
});
