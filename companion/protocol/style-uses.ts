// What of a style's picture counts, in a designer's words: the layers of some blocks, shallow to deep.

import { blockOf } from "./layers.ts";

export const STYLE_USES = ["colors", "strokes", "forms"] as const;
export type StyleUse = (typeof STYLE_USES)[number];

const BLOCKS: Record<StyleUse, readonly number[]> = { colors: [1, 2], strokes: [3], forms: [4, 5] };

/** Of the style layers in use. */
export function layersOfUse(use: StyleUse, styleLayers: readonly string[]): string[] {
  return styleLayers.filter((layer) => BLOCKS[use].includes(blockOf(layer)));
}

export type UseProblem =
  /** No style is for it. */
  | { kind: "use-missing"; use: StyleUse }
  /** A style is for it, and nothing of the kind is taken from any style. */
  | { kind: "use-empty"; use: StyleUse };

/** Why the styles do not make a picture together; null in `uses`: that style counts as a whole. */
export function useProblem(uses: readonly (StyleUse | null)[], styleLayers: readonly string[]): UseProblem | null {
  for (const use of STYLE_USES) {
    const isTaken = layersOfUse(use, styleLayers).length > 0;
    if (!isTaken && uses.includes(use)) return { kind: "use-empty", use };
    if (isTaken && !uses.includes(use) && !uses.includes(null)) return { kind: "use-missing", use };
  }
  return null;
}
