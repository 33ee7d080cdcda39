// impasto learn: what it refuses. What it makes: learn.slow.test.ts.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "./run-cli.ts";
import { makeSmallPhoto, SAMPLE_STYLE } from "./sample-photo.ts";

let folder: string;
let photo: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "impasto-learn-test-"));
  photo = await makeSmallPhoto(folder);
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
    const { code, stderr } = await runCli(["learn", SAMPLE_STYLE, "-o", out, ...flags]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  }
  const named = await runCli(["learn", SAMPLE_STYLE, "--on", photo, "-o", join(folder, "other.png")]);
  expect([named.code, named.stderr]).toEqual([2, expect.stringMatching(/End it in \.impasto-style/)]);
  const { code, stderr } = await runCli(["learn", SAMPLE_STYLE, "--on", photo, "-o", photo]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/one of the inputs/)]);
});
