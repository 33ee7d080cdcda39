// Makes docs/one-second.jpg: the sample photograph in the studio's sample styles, each with the style, the quick picture and
// the standard one. Usage: npm run build && node test/bench/quick-sheet.mjs

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const STYLES = ["starry-night", "the-scream", "shipwreck"];
const QUALITIES = ["quick", "standard"];
const CELL = { width: 432, height: 324 };
const GAP = 8;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const sample = (name) => join(ROOT, "ui/hosts/web/samples", `${name}.jpg`);

const folder = mkdtempSync(join(tmpdir(), "impasto-sheet-"));
const cells = [];
for (const [row, style] of STYLES.entries()) {
  const pictures = [sample(style)];
  for (const quality of QUALITIES) {
    const output = join(folder, `${style}-${quality}.png`);
    const words = ["stylize", sample("tubingen"), sample(style), "-o", output, "--quality", quality, "--size", "512"];
    const { status } = spawnSync(process.execPath, [join(ROOT, "companion/start.mjs"), ...words], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error(`${style}, ${quality}: ended with ${status}`);
    pictures.push(output);
  }
  for (const [column, picture] of pictures.entries()) {
    const input = await sharp(picture)
      .resize({ ...CELL, fit: "cover" })
      .png()
      .toBuffer();
    cells.push({ input, left: column * (CELL.width + GAP), top: row * (CELL.height + GAP) });
  }
}
const width = (1 + QUALITIES.length) * (CELL.width + GAP) - GAP;
const height = STYLES.length * (CELL.height + GAP) - GAP;
await sharp({ create: { width, height, channels: 3, background: "white" } })
  .composite(cells)
  .jpeg({ quality: 84, mozjpeg: true })
  .toFile(join(ROOT, "docs/one-second.jpg"));
rmSync(folder, { recursive: true });
