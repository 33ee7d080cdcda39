// The engine's drafts of the pairs in the given folders (drafts.py makes them), all in one process.
//   node drafts.mjs FOLDER…
// In: FOLDER/pairs.json, its pictures in FOLDER/pictures.bin; out: FOLDER/drafts.bin, RGB bytes one draft after another.

import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");
const network = join(here, "..", "vgg19-slim.safetensors");

/** The engine's typed face, bundled: Node 20 reads no TypeScript. Inside the repository, where it looks for the addon. */
async function importEngine() {
  const outfile = join(root, "build", `drafts-${process.pid}.mjs`);
  const contents = `
    export { stylize } from "./native/binding/binding.ts";
    export { DEFAULT_SETTINGS } from "./companion/protocol/settings.ts";`;
  await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    outfile,
  });
  try {
    return await import(outfile);
  } finally {
    rmSync(outfile);
  }
}

function toPicture(bytes, side) {
  const n = side * side;
  const data = Float32Array.from({ length: 3 * n }, (_, i) => bytes[3 * (i % n) + Math.floor(i / n)] / 255);
  return { width: side, height: side, channels: 3, data };
}

function toBytes({ width, height, data }) {
  const n = width * height;
  return Uint8Array.from({ length: 3 * n }, (_, i) => Math.round(255 * data[(i % 3) * n + Math.floor(i / 3)]));
}

const { stylize, DEFAULT_SETTINGS } = await importEngine();
for (const folder of process.argv.slice(2)) {
  const { side, size, pairs } = JSON.parse(readFileSync(join(folder, "pairs.json"), "utf8"));
  const pictures = readFileSync(join(folder, "pictures.bin"));
  const picture = (i) => toPicture(pictures.subarray(i * 3 * side * side, (i + 1) * 3 * side * side), side);
  const drafts = [];
  for (const { content, style, strength, evaluations } of pairs) {
    const settings = {
      ...DEFAULT_SETTINGS,
      device: "cpu",
      threads: 1,
      init: "style-colors",
      size,
      minScale: size,
      firstIterations: evaluations,
      strength,
    };
    const styles = [{ picture: picture(style), weight: 1 }];
    const run = stylize({ content: picture(content), styles, settings, networkPath: network });
    drafts.push(toBytes((await run.result).picture));
  }
  writeFileSync(join(folder, "drafts.part"), Buffer.concat(drafts));
  renameSync(join(folder, "drafts.part"), join(folder, "drafts.bin"));
}
