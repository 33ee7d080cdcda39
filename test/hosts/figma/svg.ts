// Draws a layer and what is in it as SVG, for a real rasterizer (sharp in Node, the browser's own on the page).
// Covers what the tests show: fills (solid, image: fill, fit, crop), corner radii, opacity, clipping, masks, text, drop shadows.

import { absoluteBounds, get, isGroup, transformWithin } from "./geometry.ts";
import type { StoredImage } from "./image.ts";
import { type DocumentState, IDENTITY, type Matrix, type NodeState } from "./state.ts";

export interface Drawing {
  svg: string;
  width: number;
  height: number;
}

interface Context {
  state: DocumentState;
  images: ReadonlyMap<string, StoredImage>;
  base64: (bytes: Uint8Array) => string;
  space: Matrix;
  definitions: string[];
}

/** The layer alone, as it stands on the page: a rotated one fills a larger box. Width and height in px after scaling. */
export function drawNode(
  state: DocumentState,
  images: ReadonlyMap<string, StoredImage>,
  base64: (bytes: Uint8Array) => string,
  node: NodeState,
  scale: number,
  bounds = absoluteBounds(state, node),
): Drawing {
  const space: Matrix = [
    [1, 0, bounds.x],
    [0, 1, bounds.y],
  ];
  const context: Context = { state, images, base64, space, definitions: [] };
  const body = draw(context, node);
  const width = Math.max(1, Math.round(bounds.width * scale));
  const height = Math.max(1, Math.round(bounds.height * scale));
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${bounds.width} ${bounds.height}" preserveAspectRatio="none"><defs>${context.definitions.join("")}</defs>${body}</svg>`;
  return { svg, width, height };
}

/** The page in view: what the stand-in's canvas shows. Each layer says its id, so that it can be clicked. */
export function drawPage(
  state: DocumentState,
  images: ReadonlyMap<string, StoredImage>,
  base64: (bytes: Uint8Array) => string,
): string {
  const context: Context = { state, images, base64, space: IDENTITY, definitions: [] };
  const page = get(state, state.currentPage);
  const layers = page.children.map((id) => draw(context, get(state, id))).join("");
  const boxes = page.children.map((id) => absoluteBounds(state, get(state, id)));
  const right = Math.max(1, ...boxes.map(({ x, width }) => x + width));
  const bottom = Math.max(1, ...boxes.map(({ y, height }) => y + height));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${right + 40}" ` +
    `height="${bottom + 40}"><defs>${context.definitions.join("")}</defs>${layers}</svg>`
  );
}

function draw(context: Context, node: NodeState): string {
  if (!node.visible) return "";
  const content = shape(context, node) + children(context, node);
  return `<g data-id="${node.id}" opacity="${node.opacity}">${content}</g>`;
}

function children(context: Context, node: NodeState): string {
  const { state } = context;
  let mask: string | null = null;
  let body = "";
  const isReversed = node.layoutMode !== "NONE" && node.itemReverseZIndex;
  for (const id of isReversed ? [...node.children].reverse() : node.children) {
    const child = get(state, id);
    if (child.isMask && child.visible) {
      mask = define(context, (name) => `<clipPath id="${name}">${outline(context, child)}</clipPath>`);
      continue;
    }
    const drawn = draw(context, child);
    body += mask === null ? drawn : `<g clip-path="url(#${mask})">${drawn}</g>`;
  }
  if (!node.clipsContent || body === "") return body;
  const clip = define(context, (name) => `<clipPath id="${name}">${outline(context, node)}</clipPath>`);
  return `<g clip-path="url(#${clip})">${body}</g>`;
}

function shape(context: Context, node: NodeState): string {
  if (isGroup(node) || node.type === "PAGE") return "";
  if (node.type === "TEXT") return text(context, node);
  return node.fills
    .filter((paint) => paint.visible !== false)
    .map((paint) => {
      const opacity = paint.opacity ?? 1;
      if (paint.type === "SOLID")
        return outline(context, node, `fill="${color(paint.color)}" fill-opacity="${opacity}"`);
      if (paint.type === "IMAGE") return picture(context, node, paint, opacity);
      throw new Error(`the stand-in does not draw ${paint.type} paints`);
    })
    .join("");
}

function text(context: Context, node: NodeState): string {
  const fill = node.fills[0];
  const ink = fill?.type === "SOLID" ? color(fill.color) : "#000";
  const escaped = node.characters.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
  const matrix = attribute(transformWithin(context.state, node, context.space));
  return `<text transform="${matrix}" x="0" y="${node.fontSize}" font-size="${node.fontSize}" font-family="sans-serif" fill="${ink}">${escaped}</text>`;
}

function picture(context: Context, node: NodeState, paint: ImagePaint, opacity: number): string {
  const image = paint.imageHash === null ? undefined : context.images.get(paint.imageHash);
  if (image === undefined) return "";
  const clip = define(context, (name) => `<clipPath id="${name}">${path(node, "")}</clipPath>`);
  const fit = paint.scaleMode === "FIT" ? "xMidYMid meet" : paint.scaleMode === "CROP" ? "none" : "xMidYMid slice";
  const matrix = attribute(transformWithin(context.state, node, context.space));
  const data = `data:${image.mime};base64,${context.base64(image.bytes)}`;
  return (
    `<g transform="${matrix}" opacity="${opacity}"><g clip-path="url(#${clip})"><image width="${node.width}" ` +
    `height="${node.height}" preserveAspectRatio="${fit}" xlink:href="${data}"/></g></g>`
  );
}

function outline(context: Context, node: NodeState, paint = ""): string {
  return path(node, `${paint} transform="${attribute(transformWithin(context.state, node, context.space))}"`);
}

function path({ type, width, height, radii }: NodeState, attributes: string): string {
  if (type === "ELLIPSE") {
    const [rx, ry] = [width / 2, height / 2];
    return `<ellipse cx="${rx}" cy="${ry}" rx="${rx}" ry="${ry}" ${attributes}/>`;
  }
  const limit = Math.min(width, height) / 2;
  const [a, b, c, d] = radii.map((radius) => Math.min(radius, limit)) as [number, number, number, number];
  const arc = (radius: number, x: number, y: number): string => `A${radius} ${radius} 0 0 1 ${x} ${y}`;
  const line =
    `M${a} 0H${width - b}${arc(b, width, b)}V${height - c}${arc(c, width - c, height)}` +
    `H${d}${arc(d, 0, height - d)}V${a}${arc(a, a, 0)}Z`;
  return `<path d="${line}" ${attributes}/>`;
}

function define(context: Context, make: (name: string) => string): string {
  const name = `d${context.definitions.length}`;
  context.definitions.push("");
  context.definitions[Number(name.slice(1))] = make(name);
  return name;
}

function attribute([[a, c, e], [b, d, f]]: Matrix): string {
  return `matrix(${a} ${b} ${c} ${d} ${e} ${f})`;
}

function color({ r, g, b }: RGB): string {
  return `rgb(${[r, g, b].map((x) => Math.round(x * 255)).join(",")})`;
}
