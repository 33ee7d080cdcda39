// Makes painted.jpg, the README's picture: content, style and result side by side, from a result of `impasto demo`.
// Usage: npm run demo && node companion/samples/compose.mjs demo.png

import { join } from "node:path";
import sharp from "sharp";

const HEIGHT = 288;
const GAP = 8;

const here = import.meta.dirname;
const result = process.argv[2];
if (result === undefined) throw new Error("Name the picture that `impasto demo` wrote.");
const files = [join(here, "tubingen.jpg"), join(here, "starry-night.jpg"), result];
const tiles = await Promise.all(
  files.map((file) => sharp(file).resize({ height: HEIGHT }).png().toBuffer({ resolveWithObject: true })),
);
let left = 0;
const placed = tiles.map(({ data, info }) => {
  const tile = { input: data, top: 0, left };
  left += info.width + GAP;
  return tile;
});
await sharp({ create: { width: left - GAP, height: HEIGHT, channels: 3, background: "white" } })
  .composite(placed)
  .jpeg({ quality: 86 })
  .toFile(join(here, "painted.jpg"));
