// impasto learn: a learned style is a picture that paints otherwise than the picture it was learned from.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecipe } from "../../../companion/jobs/read-recipe.ts";
import { styleAlone } from "../../../companion/learned/add-members.ts";
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

test("several styles go into one file, one is added to it, and a style mix takes each", async () => {
  const env = { IMPASTO_HOME: join(folder, "home"), IMPASTO_CACHE: join(folder, "cache") };
  const both = join(folder, "both.impasto-style");
  const moment = ["--on", photo, "--minutes", "0.001", "--json"];
  const learn = async (...words: string[]) => {
    const { code, stdout, stderr } = await runCli(["learn", ...words, ...moment], { env });
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    return JSON.parse(stdout);
  };
  const [name, other] = [basename(SAMPLE_STYLE), basename(photo)];
  const learned = await learn(SAMPLE_STYLE, photo, "-o", both);
  expect(learned.styles).toMatchObject([{ name }, { name: other }]);
  const before = readFileSync(both);
  const added = await learn(photo, "--into", both);
  expect(added).toMatchObject({ out: both, styles: [{ name }, { name: other }, { name: other }] });
  const after = readFileSync(both);
  expect(after.equals(before)).toBe(false);
  for (const number of [1, 2]) {
    expect(Buffer.compare(styleAlone(after, number), styleAlone(before, number))).toBe(0);
  }

  const painters = new Set<string | undefined>();
  for (const mix of [[], ["--style-mix", "0,1"], ["--style-mix", "0,0,1"], ["--style-mix", "1,1"]]) {
    const out = join(folder, "mixed.png");
    const { code, stderr } = await runCli(["stylize", photo, both, "--quality", "quick", "-o", out, ...mix], { env });
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    painters.add(readRecipe(readFileSync(out))?.painter?.detailer.sha256);
  }
  expect(painters.size).toBe(4);
  const wrong = await runCli(["learn", photo, "--into", both, "--own", "stylebank", ...moment], { env });
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("learned with cin")]);
}, 300_000);
