// A tenth of the malformed network files; the slow suite loads them all.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { networkInfo } from "../../../companion/engine.ts";
import { loadMany } from "./load-many.ts";
import { tinyNetwork } from "./mutations.ts";

test("500 malformed network files are sound or refused with a typed error", () => {
  const tally = loadMany(500, 1);
  console.log("500 malformed networks:", JSON.stringify(tally));
  expect(tally.sound + tally.refused).toBe(500);
  expect(tally.refused).toBeGreaterThan(250);
});

test("the file that they are made from loads", () => {
  const folder = mkdtempSync(join(tmpdir(), "impasto-network-"));
  try {
    const path = join(folder, "tiny.safetensors");
    writeFileSync(path, tinyNetwork());
    expect(networkInfo(path)).toMatchObject({ layers: ["relu1_1", "relu1_2", "relu2_1"], widths: [2, 3, 4] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
