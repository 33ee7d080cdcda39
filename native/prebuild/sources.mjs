// Which sources a prebuilt addon was made of. A hash of them lies beside it, so that an addon of other sources is neither
// packed nor bundled: it would not understand what the programs around it say.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is compiled, and how. */
const COMPILED = /\.(?:cc|h)$|^CMakeLists\.txt$|^prebuild\/(?:targets|toolchain)\.mjs$/;

const recordOf = (root, platform) => join(root, "prebuilds", platform, "sources.sha256");

/** [sync] Whether there is an addon for the platform, of the sources as they are now. The record stands before the addon does. */
export function isCurrent(root, platform) {
  const record = recordOf(root, platform);
  if (![record, join(root, "prebuilds", platform, "impasto.node")].every((file) => existsSync(file))) return false;
  return readFileSync(record, "utf8").trim() === sourcesHash(root);
}

/** [sync] Beside the platform's addon: the sources that it is about to be made of. */
export function recordSources(root, platform) {
  writeFileSync(recordOf(root, platform), `${sourcesHash(root)}\n`);
}

function sourcesHash(root) {
  const folder = join(root, "native");
  const names = readdirSync(folder, { recursive: true }).map((name) => name.replaceAll("\\", "/"));
  const hash = createHash("sha256");
  for (const name of names.filter((name) => COMPILED.test(name)).sort()) {
    // The same with the line ends that git gives on Windows.
    const text = readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n");
    hash.update(`${name}\0${text}\0`);
  }
  return hash.digest("hex");
}
