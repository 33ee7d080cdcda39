// What is said of parts of a picture that are small, as native/optimize/region_notes.

import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import { FEWEST_POSITIONS } from "../core/mask.ts";

/** "The part for styles 1 and 3"; `count`: how many there are. */
export function nameStyles(styles: readonly number[], count: number): string {
  if (count === 1) return "The part for the style";
  const numbers = styles.map((style) => String(style + 1));
  const last = numbers.pop();
  const words = numbers.length === 0 ? last : `${numbers.join(", ")} and ${last}`;
  return `The part for style${styles.length > 1 ? "s" : ""} ${words}`;
}

/** Null when it has all of them. */
export function noteMissingLayers(part: string, wanted: readonly string[], has: readonly string[]): string | null {
  const missing = wanted.filter((layer) => !has.includes(layer));
  if (missing.length === 0) return null;
  const layers = missing.join(", ");
  return `${part} is too small for the style's larger shapes (${layers}): it takes colors and finer strokes alone.`;
}

export function smallPart(part: string): ImpastoError {
  return new ImpastoError("bad-request", `${part} is too small to paint: next to nothing of its mask is left.`, {
    hint: "Paint more of the mask white, keep it clear of what is protected, or choose a larger size.",
  });
}

/** So much that something is left of it at the smallest scale and the deepest block. */
const LEAST_SHARE = 1e-4;

/** Throws ImpastoError("bad-request"). */
export function requirePaintable(visible: Float32Array): void {
  const area = visible.reduce((sum, value) => sum + value, 0);
  if (area >= Math.max(FEWEST_POSITIONS, LEAST_SHARE * visible.length)) return;
  throw new ImpastoError("bad-request", "Everything that can be seen of the content is protected.", {
    hint: "Leave some of the mask of what stays black.",
  });
}
