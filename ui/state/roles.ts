// Which of the selected layers is painted over and which lends its style: guessed, shown, swappable.

import type { Layer } from "../host.ts";

export interface Roles {
  content: Layer | null;
  /** null: none among the selected layers; a stored style can stand in. */
  style: Layer | null;
}

const STYLE_WORDS = /\b(style|painting|texture|pattern|brush|starry|scream|monet|gogh|picasso|munch|turner)\b/i;

export interface RoleHints {
  /** Layer that was the style of the latest run. */
  lastStyleId: string | null;
  /** The pair as the person swapped it, by layer id. */
  swapped: ReadonlySet<string>;
}

/**
 * The style is, in this order: the layer that was the style last time, the one whose name says so, a plain photo
 * fill beside something that is none, the one selected last. Results are never guessed to be the style.
 */
export function guessRoles(layers: readonly Layer[], hints: RoleHints): Roles {
  const usable = layers.filter((layer) => layer.problem === null);
  const [first, second] = usable;
  if (first === undefined) return { content: null, style: null };
  if (second === undefined) return { content: first, style: null };
  const style = guessStyle([first, second], hints.lastStyleId);
  const content = style === first ? second : first;
  return hints.swapped.has(pairKey(content, style)) ? { content: style, style: content } : { content, style };
}

/** The same for a pair, whichever way round. */
export function pairKey(a: Layer, b: Layer): string {
  return [a.id, b.id].sort().join(" ");
}

function guessStyle([first, second]: [Layer, Layer], lastStyleId: string | null): Layer {
  const candidates: ((layer: Layer) => boolean)[] = [
    (layer) => layer.id === lastStyleId,
    (layer) => layer.recipe === null,
    (layer) => STYLE_WORDS.test(layer.name),
    (layer) => layer.kind === "photo",
  ];
  for (const fits of candidates) {
    if (fits(first) !== fits(second)) return fits(first) ? first : second;
  }
  return second;
}
