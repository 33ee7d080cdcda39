// `npm run bundle -- --platform win32-x64 [--out folder]`: one zip for people without Node. Holds Node, what the npm
// package holds, its dependencies for that platform, and something to double-click. Made for every platform on any.
// Prints sizes; writes the zip and SHA256SUMS beside it.

import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { fetchNode } from "./fetch-node.mjs";
import { launcherFiles } from "./launchers.mjs";
import { NODE_VERSION, PLATFORMS, partsOf } from "./platforms.mjs";
import { addonFor, filesIn, stageApp } from "./stage.mjs";
import { entriesOf, writeZip } from "./write-zip.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const LICENSES = ["LICENSE", "docs/third-party-notices.md"];

function bundle(platform, out) {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const { os } = partsOf(platform);
  addonFor(ROOT, platform);
  const name = `Impasto-${version}-${platform}`;
  const scratch = mkdtempSync(join(tmpdir(), "impasto-bundle-"));
  try {
    const folder = join(scratch, name);
    const from = stageApp(ROOT, platform, join(folder, "app"));
    fetchNode(platform, join(folder, "node"), join(scratch, "node-packages"));
    const launchers = launcherFiles(os, version);
    for (const [file, text] of launchers) writeFileSync(join(folder, file), text);
    for (const file of LICENSES) copyFileSync(join(ROOT, file), join(folder, file.replace("docs/", "")));

    const runnable = new Set(launchers.filter(([, , runs]) => runs).map(([file]) => file));
    const files = filesIn(folder);
    const entries = entriesOf(folder, files, name, (path) => runnable.has(path) || path === "node/node");
    mkdirSync(out, { recursive: true });
    const bytes = writeZip(join(out, `${name}.zip`), entries);
    const parts = Object.entries(sizes(folder, files)).map(([part, size]) => `${part} ${megabytes(size)}`);
    console.log(`${name}.zip  ${megabytes(bytes)}; unpacked ${parts.join(", ")}`);
    if (from === "local") {
      console.log(
        "  Its engine was compiled for this machine and may need a newer system than the prebuilt one would.",
      );
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function sizes(folder, files) {
  const sum = { all: 0, Node: 0, "ONNX Runtime": 0, "the rest": 0 };
  for (const path of files) {
    const { size } = statSync(join(folder, path));
    const part = path.startsWith("node/") ? "Node" : path.includes("/onnxruntime-node/") ? "ONNX Runtime" : "the rest";
    sum.all += size;
    sum[part] += size;
  }
  return sum;
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** As `sha256sum --check` reads it. */
function writeSums(out) {
  const zips = readdirSync(out).filter((name) => name.endsWith(".zip"));
  const lines = zips.sort().map((name) => {
    const hash = createHash("sha256")
      .update(readFileSync(join(out, name)))
      .digest("hex");
    return `${hash}  ${name}\n`;
  });
  writeFileSync(join(out, "SHA256SUMS"), lines.join(""));
}

const { values } = parseArgs({
  options: {
    platform: { type: "string", multiple: true, default: [`${process.platform}-${process.arch}`] },
    out: { type: "string", default: join(ROOT, "build", "bundles") },
  },
});
const chosen = values.platform.includes("all") ? Object.keys(PLATFORMS) : values.platform;
try {
  const unknown = chosen.find((platform) => PLATFORMS[platform] === undefined);
  if (unknown !== undefined) {
    throw new Error(`There is no bundle for ${unknown}. Known: ${Object.keys(PLATFORMS).join(", ")}, or all of them.`);
  }
  console.log(`Node ${NODE_VERSION}`);
  for (const platform of chosen) bundle(platform, resolve(values.out));
  writeSums(resolve(values.out));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
