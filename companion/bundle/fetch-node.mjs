// Node's own binary for a platform, through npm (its cache, its registry, its integrity check), and held against the
// hash that stands in platforms.mjs; Linux' then loses its symbols.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LICENSE_PACKAGE, NODE_VERSION, PLATFORMS, partsOf } from "./platforms.mjs";
import { packByNpm, run } from "./run.mjs";
import { withoutSymbols } from "./without-symbols.mjs";

/** Puts node (or node.exe) and its license into `folder`; `scratch` is where packages are unpacked. */
export function fetchNode(platform, folder, scratch) {
  const { nodePackage, sha256 } = PLATFORMS[platform];
  const { os } = partsOf(platform);
  const name = os === "win32" ? "node.exe" : "node";
  const binary = readFileSync(join(unpack(nodePackage, scratch), "bin", name));
  const found = createHash("sha256").update(binary).digest("hex");
  if (found !== sha256) {
    throw new Error(`${nodePackage}@${NODE_VERSION} holds another Node than the one that is pinned: sha256 ${found}.`);
  }
  mkdirSync(folder, { recursive: true });
  // The others are signed as they are.
  writeFileSync(join(folder, name), os === "linux" ? withoutSymbols(binary) : binary);
  copyFileSync(join(unpack(LICENSE_PACKAGE, scratch), "LICENSE"), join(folder, "LICENSE"));
}

function unpack(name, scratch) {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  const packed = packByNpm([`${name}@${NODE_VERSION}`, "--pack-destination", folder]);
  run("tar", ["-xzf", join(folder, packed.filename), "-C", folder]);
  return join(folder, "package");
}
