// The colors of a picture carried onto a palette. Each palette color draws the picture's colors by entropic optimal transport
// (Cuturi 2013, one side discrete), softly, so that what was smooth stays smooth; what remains of a color's distance from
// the mean of those drawn alike is kept in part, or light, dark and brushwork would be lost (after the local maps of Chang
// et al. 2015, Palette-based Photo Recoloring). Distances and mixtures are OKLab's (Ottosson 2020).

import { fromOklab, type Lab, labDistance, toOklab } from "./oklab.ts";

export const MAX_PALETTE = 8;

/** Empirical, as the next ones: how far a color pulls, in the distance to its nearest neighbor in the palette. */
const REACH = 0.25;
/** A single color has no neighbor. */
const LONE_REACH = 0.1;
/** How strictly each color gets an equal share of the picture: 0 not at all, 1 to the pixel. */
const FAIRNESS = 0.85;
/** What is kept of lightness and of hue around the mean of what a color has drawn. */
const KEPT_LIGHTNESS = 0.6;
const KEPT_HUE = 0.35;
const ROUNDS = 40;

/** Nodes of the grid over RGB on which the map is known; between them it is trilinear. */
const SIDE = 17;
const NODES = SIDE ** 3;

/** Where the channels of a pixel stand, and which value is white. */
export interface Layout {
  pixels: number;
  /** From a pixel to the next. */
  step: number;
  /** From a channel to the next. */
  plane: number;
  white: 1 | 255;
}

export const planar = (pixels: number): Layout => ({ pixels, step: 1, plane: pixels, white: 1 });
export const interleaved = (pixels: number, white: 1 | 255): Layout => ({ pixels, step: 3, plane: 1, white });

/** "#1a2b3c" → RGB in 0 … 1; null for anything else. */
export function parseColor(text: string): readonly [number, number, number] | null {
  const [, r, g, b] = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text) ?? [];
  if (r === undefined || g === undefined || b === undefined) return null;
  return [Number.parseInt(r, 16) / 255, Number.parseInt(g, 16) / 255, Number.parseInt(b, 16) / 255];
}

/**
 * A copy of a picture in the palette's colors; other planes, alpha, are copied as they are.
 * @param palette one to MAX_PALETTE colors as parseColor takes them
 */
export function toPalette<Data extends Float32Array | Uint8Array>(
  data: Data,
  layout: Layout,
  palette: readonly string[],
): Data {
  const map = colorMap(
    countNodes(data, layout),
    palette.map(parseColor).filter((color) => color !== null),
  );
  const result = data.slice() as Data;
  const color = new Float64Array(3);
  for (let i = 0, at = 0; i < layout.pixels; i++, at += layout.step) {
    lookUp(map, data, at, layout, color);
    for (let c = 0; c < 3; c++) result[at + c * layout.plane] = (color[c] as number) * layout.white;
  }
  return result;
}

/** How many pixels are nearest to each node: [SIDE, SIDE, SIDE]. */
function countNodes(data: Float32Array | Uint8Array, { pixels, step, plane, white }: Layout): Float64Array {
  const counts = new Float64Array(NODES);
  for (let i = 0, at = 0; i < pixels; i++, at += step) {
    let node = 0;
    for (let c = 0; c < 3; c++) node = node * SIDE + Math.round(place(data[at + c * plane] as number, white));
    counts[node] = (counts[node] as number) + 1;
  }
  return counts;
}

function place(value: number, white: number): number {
  return Math.min(1, Math.max(0, value / white)) * (SIDE - 1);
}

/** RGB for each node: [NODES, 3]. */
function colorMap(counts: Float64Array, palette: readonly (readonly [number, number, number])[]): Float32Array {
  const colors = palette.map(toOklab);
  const nodes = Array.from({ length: NODES }, (_, node) => toOklab(nodeColor(node)));
  const reach = reachOf(colors);
  const pulls = fairPulls(counts, nodes, colors, reach);
  const means = drawnMeans(counts, nodes, colors, reach, pulls);
  const map = new Float32Array(3 * NODES);
  const shares = new Float64Array(colors.length);
  for (const [node, lab] of nodes.entries()) {
    draw(lab, colors, reach, pulls, shares);
    const mixed: [number, number, number] = [0, 0, 0];
    for (const [k, share] of shares.entries()) {
      for (let c = 0; c < 3; c++) {
        const rest = (lab[c] as number) - ((means[k] as Lab)[c] as number);
        mixed[c] =
          (mixed[c] as number) +
          share * (((colors[k] as Lab)[c] as number) + (c === 0 ? KEPT_LIGHTNESS : KEPT_HUE) * rest);
      }
    }
    map.set(fromOklab(mixed), 3 * node);
  }
  return map;
}

function nodeColor(node: number): readonly [number, number, number] {
  const top = SIDE - 1;
  return [Math.floor(node / SIDE ** 2) / top, (Math.floor(node / SIDE) % SIDE) / top, (node % SIDE) / top];
}

/** One for each color: to a color close to another it is narrow. */
function reachOf(colors: readonly Lab[]): number[] {
  return colors.map((color, k) => {
    const others = colors.filter((_, other) => other !== k).map((other) => labDistance(color, other));
    const nearest = Math.min(...others.filter((distance) => distance > 1e-3));
    return Number.isFinite(nearest) ? REACH * nearest : LONE_REACH;
  });
}

/** Which share of a color each palette color draws. */
function draw(
  lab: Lab,
  colors: readonly Lab[],
  reach: readonly number[],
  pulls: readonly number[],
  shares: Float64Array,
): void {
  let most = Number.NEGATIVE_INFINITY;
  for (const [k, color] of colors.entries()) {
    const square = (lab[0] - color[0]) ** 2 + (lab[1] - color[1]) ** 2 + (lab[2] - color[2]) ** 2;
    shares[k] = (pulls[k] as number) - square / (2 * (reach[k] as number) ** 2);
    most = Math.max(most, shares[k] as number);
  }
  let sum = 0;
  for (let k = 0; k < shares.length; k++) {
    shares[k] = Math.exp((shares[k] as number) - most);
    sum += shares[k] as number;
  }
  for (let k = 0; k < shares.length; k++) shares[k] = (shares[k] as number) / sum;
}

/** Potentials that bring each color towards an equal share of the picture. */
function fairPulls(
  counts: Float64Array,
  nodes: readonly Lab[],
  colors: readonly Lab[],
  reach: readonly number[],
): number[] {
  const pulls = colors.map(() => 0);
  const shares = new Float64Array(colors.length);
  const all = counts.reduce((sum, count) => sum + count, 0);
  for (let round = 0; round < ROUNDS; round++) {
    const drawn = colors.map(() => 0);
    for (const [node, lab] of nodes.entries()) {
      const count = counts[node] as number;
      if (count === 0) continue;
      draw(lab, colors, reach, pulls, shares);
      for (const [k, share] of shares.entries()) drawn[k] = (drawn[k] as number) + (count * share) / all;
    }
    for (const [k, share] of drawn.entries()) {
      const wanted = Math.log(1 / colors.length / Math.max(share, 1e-6));
      // The more a pull has grown, the less it grows: what "fair" costs is weighed against it.
      pulls[k] = FAIRNESS * ((pulls[k] as number) + wanted);
    }
  }
  return pulls;
}

/** The mean of what each color draws; its own place where that is nothing. */
function drawnMeans(
  counts: Float64Array,
  nodes: readonly Lab[],
  colors: readonly Lab[],
  reach: readonly number[],
  pulls: readonly number[],
): Lab[] {
  const sums = colors.map(() => [0, 0, 0, 0]);
  const shares = new Float64Array(colors.length);
  for (const [node, lab] of nodes.entries()) {
    const count = counts[node] as number;
    if (count === 0) continue;
    draw(lab, colors, reach, pulls, shares);
    for (const [k, share] of shares.entries()) {
      const sum = sums[k] as number[];
      for (let c = 0; c < 3; c++) sum[c] = (sum[c] as number) + count * share * (lab[c] as number);
      sum[3] = (sum[3] as number) + count * share;
    }
  }
  return sums.map(([l = 0, a = 0, b = 0, weight = 0], k) =>
    weight > 1e-9 ? [l / weight, a / weight, b / weight] : (colors[k] as Lab),
  );
}

function lookUp(
  map: Float32Array,
  data: Float32Array | Uint8Array,
  at: number,
  layout: Layout,
  color: Float64Array,
): void {
  const { plane, white } = layout;
  const r = place(data[at] as number, white);
  const g = place(data[at + plane] as number, white);
  const b = place(data[at + 2 * plane] as number, white);
  const [r0, g0, b0] = [cell(r), cell(g), cell(b)];
  color.fill(0);
  for (let corner = 0; corner < 8; corner++) {
    const [dr, dg, db] = [corner >> 2, (corner >> 1) & 1, corner & 1];
    const weight = share(r - r0, dr) * share(g - g0, dg) * share(b - b0, db);
    const node = 3 * (((r0 + dr) * SIDE + g0 + dg) * SIDE + b0 + db);
    for (let c = 0; c < 3; c++) color[c] = (color[c] as number) + weight * (map[node + c] as number);
  }
}

/** Of the upper (1) or lower (0) bound at a place within a cell. */
function share(within: number, bound: number): number {
  return bound === 1 ? within : 1 - within;
}

/** A cell's lower bound; white belongs to the last one. */
function cell(at: number): number {
  return Math.min(SIDE - 2, Math.floor(at));
}
