// What each of the selected layers is for: painted over, a style, or a mask. Guessed, shown, changeable.

import type { MaskRole, Role } from "../../companion/protocol/host/roles.ts";
import type { Box, Layer } from "../host.ts";

/** In the order of selecting. */
export type Roles = ReadonlyMap<string, Role>;

const STYLE_WORDS = /\b(style|painting|texture|pattern|brush|starry|scream|monet|gogh|picasso|munch|turner)\b/i;
const MASK_WORDS = /\b(mask|matte|region)\b/i;
const PROTECT_WORDS = /\b(protect|keep|logo|face)\b/i;

export interface RoleHints {
  /** Layer that was the style of the latest run. */
  lastStyleId: string | null;
  /** A stored style or a sample can be the style when no layer is. */
  hasOtherStyle: boolean;
  /** Roles that the person gave, for each selection (selectionKey). */
  given: ReadonlyMap<string, Roles>;
}

/** The same for the same layers, in whichever order. */
export function selectionKey(layers: readonly Layer[]): string {
  return layers
    .map(({ id }) => id)
    .sort()
    .join(" ");
}

/** Layers that can not be read have none. */
export function rolesOf(layers: readonly Layer[], hints: RoleHints): Roles {
  const usable = layers.filter((layer) => layer.problem === null);
  const given = hints.given.get(selectionKey(usable));
  return new Map([...guessRoles(usable, hints), ...(given ?? [])]);
}

/** The roles after one was changed: there is one content, so another layer takes over what it leaves. */
export function changeRole(roles: Roles, id: string, role: Role): Roles {
  const before = roles.get(id);
  const next = new Map(roles);
  if (before === undefined) return next;
  next.set(id, role);
  const others = [...roles].filter(([other]) => other !== id);
  if (role.kind === "content") for (const [other, { kind }] of others) if (kind === "content") next.set(other, before);
  if (before.kind === "content" && role.kind !== "content") {
    const [heir] = others.find(([, { kind }]) => kind === "style") ?? others[0] ?? [];
    if (heir === undefined) return roles;
    next.set(heir, before);
  }
  return next;
}

/**
 * Shapes, texts and masks are masks, the rest is pictures. With two layers a mask is one only where it lies over the
 * picture and there is another style. Of the pictures one is the content, the others are styles.
 */
function guessRoles(layers: readonly Layer[], hints: RoleHints): Roles {
  let masks = layers.filter(looksLikeMask);
  if (masks.length === layers.length) masks = masks.slice(1);
  const pictures = layers.filter((layer) => !masks.includes(layer));
  const [only] = pictures;
  if (only === undefined) return new Map();
  if (pictures.length === 1) {
    const [mask] = masks;
    const isPair = layers.length === 2 && mask !== undefined;
    if (!isPair || (hints.hasOtherStyle && (MASK_WORDS.test(mask.name) || share(mask, only) > 0))) {
      return toRoles(layers, only, [], masks);
    }
    const content = contentOf(layers, [], hints);
    return toRoles(layers, content, [content === only ? mask : only], []);
  }
  const content = contentOf(pictures, masks, hints);
  return toRoles(
    layers,
    content,
    pictures.filter((layer) => layer !== content),
    masks,
  );
}

function looksLikeMask({ kind, name }: Layer): boolean {
  return kind === "shape" || kind === "text" || kind === "mask" || (kind === "picture" && MASK_WORDS.test(name));
}

/**
 * The content is, in this order: the layer that was not the style last time, a result, the one whose name does not say
 * style, the one that a mask lies over, the one that is no plain photo fill, the one selected first.
 */
function contentOf(pictures: readonly Layer[], masks: readonly Layer[], { lastStyleId }: RoleHints): Layer {
  const signs: ((layer: Layer) => boolean)[] = [
    (layer) => layer.id !== lastStyleId,
    (layer) => layer.recipe !== null,
    (layer) => !STYLE_WORDS.test(layer.name),
    (layer) => masks.some((mask) => share(mask, layer) > 0),
    (layer) => layer.kind !== "photo",
  ];
  let left = pictures;
  for (const sign of signs) {
    const fitting = left.filter(sign);
    if (fitting.length > 0) left = fitting;
  }
  return left[0] as Layer;
}

function toRoles(
  layers: readonly Layer[],
  content: Layer,
  styles: readonly Layer[],
  masks: readonly Layer[],
): Map<string, Role> {
  let regions = 0;
  const lastStyle = Math.max(0, styles.length - 1);
  const maskRole = (mask: Layer): MaskRole => {
    if (PROTECT_WORDS.test(mask.name)) return { kind: "protect" };
    const under = styles.findIndex((style) => share(mask, style) > 0.5);
    if (under >= 0 && share(mask, content) === 0) return { kind: "source", style: under };
    return { kind: "region", style: Math.min(regions++, lastStyle) };
  };
  const roleOf = (layer: Layer): Role => {
    if (layer === content) return { kind: "content" };
    return masks.includes(layer) ? maskRole(layer) : { kind: "style" };
  };
  return new Map(layers.map((layer) => [layer.id, roleOf(layer)]));
}

/** How much of the mask lies over the layer, 0 … 1; 0 where layers lie nowhere. */
function share({ box: mask }: Layer, { box: layer }: Layer): number {
  if (mask === null || layer === null || mask.width * mask.height === 0) return 0;
  return (along(mask, layer, "x", "width") * along(mask, layer, "y", "height")) / (mask.width * mask.height);
}

function along(a: Box, b: Box, start: "x" | "y", size: "width" | "height"): number {
  return Math.max(0, Math.min(a[start] + a[size], b[start] + b[size]) - Math.max(a[start], b[start]));
}
