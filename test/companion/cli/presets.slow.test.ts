// Every preset paints.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { PRESETS } from "../../../companion/protocol/presets.ts";
import { expectPreset } from "./paint-preset.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "impasto-presets-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(PRESETS.map((preset) => [preset.name, preset] as const))("%s paints with its settings", (_, preset) =>
  expectPreset(folder, preset),
);
