// impasto learn: a learned style is a picture that paints otherwise than the picture it was learned from.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { runCli } from "./run-cli.ts";
import { makeSmallPhoto, SAMPLE_STYLE } from "./sample-photo.ts";

let folder: string;
let photo: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "impasto-learn-test-"));
  photo = await makeSmallPhoto(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("what was learned paints, in sequences too, and the recipe names it", async () => {
  const env = { IMPASTO_HOME: join(folder, "home"), IMPASTO_CACHE: join(folder, "cache") };
  const learned = join(folder, "night.impasto-style");
  // A moment is enough for other filters; how much nearer they come to a style: test/native/learn.
  const run = await runCli(["learn", SAMPLE_STYLE, "--on", photo, "-o", learned, "--minutes", "0.001", "--json"], {
    env,
  });
  expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
  expect(JSON.parse(run.stdout)).toMatchObject({ out: learned, stopped: false, steps: expect.any(Number) });
  const bytes = readFileSync(learned);
  expect(bytes.length).toBeLessThan(2e6);
  expect(await sharp(bytes).metadata()).toMatchObject({ format: "jpeg", space: "srgb" });

  const painted = [];
  for (const style of [SAMPLE_STYLE, learned]) {
    const out = join(folder, `${painted.length}.png`);
    const { code, stderr } = await runCli(["stylize", photo, style, "--quality", "quick", "-o", out], { env });
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("learned style")]);
    painted.push(readFileSync(out));
  }
  const [general, own] = painted as [Buffer, Buffer];
  const painters = [general, own].map((png) => readRecipe(png)?.painter?.detailer);
  expect(painters[0]).toMatchObject({ name: "detailer-slim" });
  expect(painters[1]).toMatchObject({ name: "learned", sha256: expect.not.stringMatching(painters[0]?.sha256 ?? "") });

  const frames = join(folder, "frames");
  const sequence = await runCli(["sequence", photo, "--style", learned, "-o", frames], { env });
  expect([sequence.code, sequence.stderr]).toEqual([0, expect.any(String)]);
  expect(readRecipe(readFileSync(join(frames, "photo.png")))?.painter?.detailer).toEqual(painters[1]);
}, 120_000);
