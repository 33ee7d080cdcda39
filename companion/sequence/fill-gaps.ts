// A video has no gaps: a frame that could not be read is shown as the one before it, at the beginning as the first that
// could.

import { copyFile } from "node:fs/promises";
import { join } from "node:path";

/** @param missing places of frames, by size; the others' pictures are in the folder */
export async function fillGaps(
  folder: string,
  missing: readonly number[],
  nameOf: (index: number) => string,
): Promise<void> {
  const gaps = new Set(missing);
  let first = 0;
  while (gaps.has(first)) first++;
  for (const index of missing) {
    const shown = index < first ? first : index - 1;
    await copyFile(join(folder, nameOf(shown)), join(folder, nameOf(index)));
  }
}
