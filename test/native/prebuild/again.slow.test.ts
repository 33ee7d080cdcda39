// The addon for a Mac compiled once more, by clang with libc++, in a folder of its own: what `npm run prebuilds` made is the
// same to the byte.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isCurrent } from "../../../native/prebuild/sources.mjs";
import { compile, link } from "../../../native/prebuild/targets.mjs";
import { findZig } from "../../../native/prebuild/toolchain.mjs";
import { ROOT } from "../../tree/source-files.ts";

const PLATFORM = "darwin-arm64";

test("clang with libc++ makes the same addon again", ({ skip }) => {
  if (!isCurrent(ROOT, PLATFORM)) {
    const reason = `there is no addon of these sources for ${PLATFORM} (npm run prebuilds)`;
    console.warn(`skipped: ${reason}`);
    return skip(reason);
  }
  const work = mkdtempSync(join(tmpdir(), "impasto-again-"));
  try {
    const file = join(work, "impasto.node");
    link(findZig(), PLATFORM, work, compile(findZig(), PLATFORM, work), file);
    const first = readFileSync(join(ROOT, "prebuilds", PLATFORM, "impasto.node"));
    expect(first.equals(readFileSync(file))).toBe(true);
  } finally {
    rmSync(work, { recursive: true });
  }
});
