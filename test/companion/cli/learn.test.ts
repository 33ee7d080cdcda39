// impasto learn: what it refuses. What it makes: learn.slow.test.ts.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
const STYLE = join(SAMPLES, "starry-night.jpg");

let folder: string;
let photo: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "impasto-learn-test-"));
  photo = join(folder, "photo.png");
  await sharp(join(SAMPLES, "tubingen.jpg")).resize(96, 72).png().toFile(photo);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("BAD CALL - nothing to learn on, a time that is none, an output that is an input", async () => {
  const out = join(folder, "other.impasto-style");
  const cases: [string[], RegExp][] = [
    [["--on", join(folder, "nowhere.png")], /There is no file/],
    [["--on", photo, "--minutes", "soon"], /number of minutes/],
    [["--on", photo, "--minutes", "0"], /number of minutes/],
  ];
  for (const [flags, words] of cases) {
    const { code, stderr } = await runCli(["learn", STYLE, "-o", out, ...flags]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  }
  const { code, stderr } = await runCli(["learn", STYLE, "--on", photo, "-o", photo]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/one of the inputs/)]);
});
