// The file's own colors for a palette, as a designer picks them: styles of one solid color, then color variables in the modes
// of what is selected. Each color once, by its first name.

import { MAX_COLORS, type NamedColor } from "../companion/protocol/host/messages.ts";

export async function namedColors(): Promise<NamedColor[]> {
  const colors = new Map<string, NamedColor>();
  for (const named of [...(await colorStyles()), ...(await colorVariables())]) {
    if (!colors.has(named.color)) colors.set(named.color, named);
  }
  return [...colors.values()].slice(0, MAX_COLORS);
}

async function colorStyles(): Promise<NamedColor[]> {
  const styles = await figma.getLocalPaintStylesAsync();
  return styles.flatMap(({ name, paints }) => {
    const [paint] = paints;
    if (paints.length !== 1 || paint === undefined || paint.type !== "SOLID") return [];
    return [{ name, color: toHex(paint.color) }];
  });
}

async function colorVariables(): Promise<NamedColor[]> {
  const { selection, children } = figma.currentPage;
  // A variable has its color from the modes of the layer that would use it.
  const user = selection[0] ?? children[0];
  if (user === undefined) return [];
  const variables = await figma.variables.getLocalVariablesAsync("COLOR");
  return variables.flatMap((variable) => {
    // Without a scope it is kept out of Figma's own color pickers.
    const color = variable.scopes.length === 0 ? null : opaqueColor(variable, user);
    return color === null ? [] : [{ name: variable.name, color }];
  });
}

/** Null for what shows the color below it, and for what refers to a variable that is gone. */
function opaqueColor(variable: Variable, user: SceneNode): string | null {
  try {
    const { value } = variable.resolveForConsumer(user);
    if (typeof value !== "object" || !("r" in value)) return null;
    return "a" in value && value.a < 1 ? null : toHex(value);
  } catch {
    return null;
  }
}

function toHex({ r, g, b }: RGB): string {
  return `#${[r, g, b].map(byteOf).join("")}`;
}

function byteOf(value: number): string {
  const text = Math.round(value * 255).toString(16);
  return text.length === 1 ? `0${text}` : text;
}
