// Paints the sample pair once for each set of flags and puts the pictures side by side: docs/objective.md's.
// Usage: node test/bench/objective-pictures.mjs docs/objective-content.jpg "features" "laplacian --content-loss laplacian" …
// The first word of each is what stands below it, with _ for spaces.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const SIDE = 256;
const CAPTION = 22;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const [output, ...pictures] = process.argv.slice(2);
if (output === undefined || pictures.length === 0) throw new Error("Expected a file and sets of flags.");

const folder = mkdtempSync(join(tmpdir(), "impasto-pictures-"));
const tiles = [];
for (const [index, words] of pictures.entries()) {
  const [caption = "", ...flags] = words.split(" ");
  const file = join(folder, `${index}.png`);
  const samples = ["tubingen", "starry-night"].map((name) => join(ROOT, `companion/samples/${name}.jpg`));
  const settings = ["--quality", "draft", "--size", String(SIDE), ...flags];
  const { status } = spawnSync(
    process.execPath,
    [join(ROOT, "companion/start.mjs"), "stylize", ...samples, "-o", file, ...settings],
    { stdio: "inherit" },
  );
  if (status !== 0) throw new Error(`${words}: ended with ${status}`);
  tiles.push({ caption, file });
}
const { height = SIDE } = await sharp(tiles[0].file).metadata();
const captions = tiles.map(({ caption }) => {
  const text = `<text x="4" y="16" font-family="sans-serif" font-size="13" fill="#333">${caption.replaceAll("_", " ")}</text>`;
  return Buffer.from(`<svg width="${SIDE}" height="${CAPTION}">${text}</svg>`);
});
const layers = tiles.flatMap(({ file }, i) => [
  { input: file, left: i * SIDE, top: 0 },
  { input: captions[i], left: i * SIDE, top: height },
]);
await sharp({ create: { width: SIDE * tiles.length, height: height + CAPTION, channels: 3, background: "#fff" } })
  .composite(layers)
  .jpeg({ quality: 88 })
  .toFile(output);
rmSync(folder, { recursive: true });
