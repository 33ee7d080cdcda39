// The file's own color styles, for a palette: those of one solid color, in the order of Figma's list.

import { MAX_COLORS, type NamedColor } from "../companion/protocol/host/messages.ts";

export async function colorStyles(): Promise<NamedColor[]> {
  const styles = await figma.getLocalPaintStylesAsync();
  const colors: NamedColor[] = [];
  for (const { name, paints } of styles) {
    const [paint] = paints;
    if (paints.length !== 1 || paint === undefined || paint.type !== "SOLID") continue;
    const { r, g, b } = paint.color;
    colors.push({ name, color: `#${hex(r)}${hex(g)}${hex(b)}` });
  }
  return colors.slice(0, MAX_COLORS);
}

function hex(value: number): string {
  const text = Math.round(value * 255).toString(16);
  return text.length === 1 ? `0${text}` : text;
}
