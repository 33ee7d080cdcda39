// The overview of a batch: a row for each content, a column for each style, small pictures on a dark ground.

import { sharp } from "../pictures/codec.ts";

const CELL_PX = 256;
const GAP_PX = 8;
const GROUND = { r: 24, g: 24, b: 24 };
/** Longer batches in one style go on in further columns. */
const MAX_ROWS = 40;

/**
 * @param rows paths of the results by content and style; null where there is none
 * @returns a PNG
 */
export async function makeContactSheet(rows: readonly (readonly (string | null)[])[]): Promise<Uint8Array> {
  const styles = Math.max(1, ...rows.map((row) => row.length));
  const columns = styles === 1 ? Math.ceil(Math.sqrt(rows.length)) : styles;
  const cells = styles === 1 ? rows.map((row) => row[0] ?? null) : rows.slice(0, MAX_ROWS).flat();
  const step = CELL_PX + GAP_PX;
  const thumbnails = await Promise.all(
    cells.map(async (path, index) => {
      if (path === null) return null;
      const { data, info } = await sharp(path)
        .resize({ width: CELL_PX, height: CELL_PX, fit: "inside" })
        .flatten({ background: GROUND })
        .png()
        .toBuffer({ resolveWithObject: true });
      const left = GAP_PX + (index % columns) * step + Math.floor((CELL_PX - info.width) / 2);
      const top = GAP_PX + Math.floor(index / columns) * step + Math.floor((CELL_PX - info.height) / 2);
      return { input: data, left, top };
    }),
  );
  const height = GAP_PX + Math.ceil(cells.length / columns) * step;
  return await sharp({ create: { width: GAP_PX + columns * step, height, channels: 3, background: GROUND } })
    .composite(thumbnails.filter((thumbnail) => thumbnail !== null))
    .png()
    .toBuffer();
}
