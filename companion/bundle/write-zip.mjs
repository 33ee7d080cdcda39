// A zip that is the same for the same files: sorted, one date for all, rights that say only what may be run.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";

/** In the zone of whoever packs, because that is how zips keep dates. */
const DATE = new Date(2026, 0, 1);
const UNIX = 3;

/**
 * @param entries [name in the archive, file on the disk, may be run], with forward slashes
 * @returns the archive's size in bytes
 */
export function writeZip(target, entries) {
  const contents = {};
  for (const [name, path, runs] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const mode = runs ? 0o100755 : 0o100644;
    contents[name] = [readFileSync(path), { mtime: DATE, os: UNIX, attrs: (mode << 16) >>> 0, level: 9 }];
  }
  const bytes = zipSync(contents);
  writeFileSync(target, bytes);
  return bytes.length;
}

/** Every file of the folder, under `prefix`. */
export function entriesOf(folder, files, prefix, runs) {
  return files.map((path) => [`${prefix}/${path}`, join(folder, path), runs(path)]);
}
