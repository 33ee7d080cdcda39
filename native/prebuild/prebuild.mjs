// Builds the addon for every platform from this machine, into prebuilds/PLATFORM/impasto.node, which the npm package holds.
//   npm run prebuilds [-- PLATFORM…]

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PLATFORMS } from "../platform.mjs";
import { imports } from "./inspect.mjs";
import { recordSources } from "./sources.mjs";
import { compile, link } from "./targets.mjs";
import { findZig, ROOT } from "./toolchain.mjs";

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !PLATFORMS.includes(name));
if (unknown.length > 0) {
  console.error(`There is no addon for ${unknown.join(", ")}. Name some of: ${PLATFORMS.join(", ")}.`);
  process.exit(2);
}
const zig = findZig();
for (const platform of asked.length > 0 ? asked : PLATFORMS) {
  const started = performance.now();
  const work = mkdtempSync(join(tmpdir(), "impasto-prebuild-"));
  try {
    const file = join(ROOT, "prebuilds", platform, "impasto.node");
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    recordSources(ROOT, platform);
    link(zig, platform, work, compile(zig, platform, work), file);
    const bytes = readFileSync(file);
    const hash = createHash("sha256").update(bytes).digest("hex");
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`${platform}: ${bytes.length} bytes, sha256 ${hash.slice(0, 16)}…, ${seconds} s`);
    console.log(`  needs ${imports(file).join(", ")}`);
  } finally {
    rmSync(work, { recursive: true });
  }
}
