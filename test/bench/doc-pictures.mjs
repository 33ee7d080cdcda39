// Makes the pictures of a page in docs/ by the commands that stand in it: a code block's line
// `impasto … -o NAME.png` makes docs/pictures/NAME.jpg.
// Usage: node test/bench/doc-pictures.mjs docs/presets.md [NAME…]

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

/** Long side of a picture in the docs, px. */
const SIDE = 384;
/** Of a sheet, whose words are to be read. */
const SHEET_SIDE = 960;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SAMPLES = join(ROOT, "ui/hosts/web/samples");
const [page, ...wanted] = process.argv.slice(2);
if (page === undefined) throw new Error("Expected a page of docs/.");

const folder = mkdtempSync(join(tmpdir(), "impasto-docs-"));
for (const name of ["tubingen", "starry-night", "the-scream", "shipwreck"]) {
  copyFileSync(join(SAMPLES, `${name}.jpg`), join(folder, `${name}.jpg`));
}
const pictures = join(ROOT, "docs/pictures");
mkdirSync(pictures, { recursive: true });
for (const line of readFileSync(page, "utf8").split("\n")) {
  const [, command, name = ""] = /^ {4}impasto (.* -o ([\w-]+)\.png\b.*)$/.exec(line) ?? [];
  if (command === undefined || (wanted.length > 0 && !wanted.includes(name))) continue;
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]);
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [join(ROOT, "companion/start.mjs"), ...words], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0 || !existsSync(join(folder, `${name}.png`))) throw new Error(`${line.trim()}: ended with ${status}`);
  const side = command.startsWith("explore ") ? SHEET_SIDE : SIDE;
  await sharp(join(folder, `${name}.png`))
    .resize(side, side, { fit: "inside", withoutEnlargement: true })
    .jpeg({ quality: 84, mozjpeg: true })
    .toFile(join(pictures, `${name}.jpg`));
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
rmSync(folder, { recursive: true });
