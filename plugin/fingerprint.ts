// What a layer looks like, as a short text: equal as long as nothing in it was changed that shows. Made of Figma's
// properties, not of pixels: that is instant, and exporting is not.

import { invert, makesSpace, multiply } from "./transform.ts";

/** A layer with more in it has no fingerprint: nobody waits for a panel that counts. */
const MAX_LAYERS = 2000;

/** Of what shows, whatever the layer's type has of it. */
const LOOKS = [
  ...["width", "height", "visible", "opacity", "blendMode", "isMask", "clipsContent"],
  ...["fills", "strokes", "strokeWeight", "strokeAlign", "effects", "cornerSmoothing", "vectorPaths", "arcData"],
  ...["topLeftRadius", "topRightRadius", "bottomRightRadius", "bottomLeftRadius"],
  ...["characters", "fontSize", "fontName", "letterSpacing", "lineHeight", "textAlignHorizontal", "textCase"],
] as const;

/** Null for a layer with too much in it. */
export function fingerprint(layer: SceneNode): string | null {
  let hash: Hash = [0xdeadbeef, 0x41c6ce57];
  let count = 0;
  function visit(node: SceneNode, within: Transform | null): boolean {
    count += 1;
    if (count > MAX_LAYERS) return false;
    hash = add(hash, node.type);
    for (const name of LOOKS) if (name in node) hash = add(hash, `${name} ${wordsOf(Reflect.get(node, name))}`);
    // Where the layer itself lies, and how it is turned, is nothing of its picture.
    if (node !== layer) hash = add(hash, placeOf(node, within));
    const further = makesSpace(node) ? null : (within ?? (node === layer ? invert(layer.relativeTransform) : null));
    return !("children" in node) || node.children.every((child) => visit(child, further));
  }
  return visit(layer, null) ? hash.map((half) => (half >>> 0).toString(36)).join("-") : null;
}

/** `within`: from the space around the whole layer to the layer's own, for what is placed in the former, as in a group. */
function placeOf({ relativeTransform }: SceneNode, within: Transform | null): string {
  return wordsOf(within === null ? relativeTransform : multiply(within, relativeTransform));
}

/** Where a layer lies over another one. */
export function placeOver(layer: SceneNode, under: SceneNode): string {
  return wordsOf(multiply(invert(under.absoluteTransform), layer.absoluteTransform));
}

/** Mixed values are a symbol. Numbers are rounded: a moved group's size is computed anew. */
function wordsOf(value: unknown): string {
  return typeof value === "symbol" ? "mixed" : String(JSON.stringify(value, rounded));
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 + 0 : value;
}

type Hash = [number, number];

/** As cyrb53 does (bryc, public domain): two chains of 32 bits, good enough to tell that something changed. */
function add([a, b]: Hash, text: string): Hash {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [a, b];
}
