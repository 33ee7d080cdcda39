// The sheet that impasto explore draws: a grid of pictures, each with its number and its flags under it.

import { sharp } from "../pictures/codec.ts";

export interface Cell {
  path: string;
  lines: readonly string[];
}

const CELL_PX = 256;
const GAP_PX = 12;
const LINE_PX = 17;
const CAPTION_LINES = 3;
const STEP_X = CELL_PX + GAP_PX;

/** A PNG. Cells stand in rows of `columns`, in their order. */
export async function drawSheet(cells: readonly Cell[], columns: number): Promise<Uint8Array> {
  const pictures = await Promise.all(
    cells.map(({ path }) =>
      sharp(path)
        .resize(CELL_PX, CELL_PX, { fit: "inside" })
        .flatten({ background: "#ffffff" })
        .png()
        .toBuffer({ resolveWithObject: true }),
    ),
  );
  const cellHeight = Math.max(...pictures.map(({ info }) => info.height));
  const stepY = cellHeight + CAPTION_LINES * LINE_PX + GAP_PX;
  const width = GAP_PX + columns * STEP_X;
  const height = GAP_PX + Math.ceil(cells.length / columns) * stepY;
  const placed = pictures.map(({ data }, i) => ({ input: data, ...placeOf(i, columns, stepY) }));
  const captions = await Promise.all(
    cells.map(async ({ lines }, i) => {
      const { left, top } = placeOf(i, columns, stepY);
      // Text as Pango's markup; libvips cuts it at the cell's width.
      const text = `<span foreground="#333333">${lines.slice(0, CAPTION_LINES).map(escaped).join("\n")}</span>`;
      const input = await sharp({ text: { text, font: "sans 9", dpi: 96, rgba: true, width: CELL_PX } })
        .png()
        .toBuffer();
      return { input, left, top: top + cellHeight + 2 };
    }),
  );
  return await sharp({ create: { width, height, channels: 3, background: "#ffffff" } })
    .composite([...placed, ...captions])
    .png()
    .toBuffer();
}

function placeOf(index: number, columns: number, stepY: number) {
  return { left: GAP_PX + (index % columns) * STEP_X, top: GAP_PX + Math.floor(index / columns) * stepY };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
