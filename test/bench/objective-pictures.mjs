// Paints the sample pair once for each set of flags and puts the pictures side by side: docs/objective.md's and
// docs/one-pass.md's.
// Usage: node test/bench/objective-pictures.mjs docs/objective-content.jpg "features" "laplacian --content-loss laplacian" …
// The first word of each is what stands below it, with _ for spaces; style=FILE takes another style, --size=N before them all
// another size.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const CAPTION = 22;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const [output, ...words] = process.argv.slice(2);
const size = words.find((word) => word.startsWith("--size="));
const SIDE = Number(size?.slice("--size=".length) ?? 256);
const pictures = words.filter((word) => word !== size);
if (output === undefined || pictures.length === 0) throw new Error("Expected a file and sets of flags.");

const folder = mkdtempSync(join(tmpdir(), "impasto-pictures-"));
const tiles = [];
for (const [index, picture] of pictures.entries()) {
  const [caption = "", ...rest] = picture.split(" ");
  const other = rest.find((word) => word.startsWith("style="));
  const flags = rest.filter((word) => word !== other);
  const file = join(folder, `${index}.png`);
  const [content = "", painting = ""] = ["tubingen", "starry-night"].map((name) =>
    join(ROOT, `companion/samples/${name}.jpg`),
  );
  const samples = [content, other?.slice("style=".length) ?? painting];
  const settings = ["--quality", "draft", "--size", String(SIDE), ...flags];
  const { status } = spawnSync(
    process.execPath,
    [join(ROOT, "companion/start.mjs"), "stylize", ...samples, "-o", file, ...settings],
    { stdio: "inherit" },
  );
  if (status !== 0) throw new Error(`${picture}: ended with ${status}`);
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
