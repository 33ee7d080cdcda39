// A layer's pixels: exported upright as sRGB PNG, or the original bytes of a plain image fill where these are sharper.

import { addShortLived, dropShortLived } from "./short-lived.ts";
import { isUpright } from "./transform.ts";
import { keepModes } from "./variable-modes.ts";

export interface LayerPixels {
  bytes: Uint8Array;
  /** Size of the layer on the canvas, px; the picture inside `bytes` may be larger or smaller. */
  width: number;
  height: number;
  /** True when the document's colors are wider than sRGB, so that some may shift. */
  converted: boolean;
}

/**
 * `without`: layers in it that are left out. Throws an Error whose message can be shown when Figma cannot export the
 * layer.
 */
export async function readLayer(
  node: SceneNode,
  maxSidePx: number,
  without: ReadonlySet<string> = new Set(),
): Promise<LayerPixels> {
  const { width, height } = node;
  const converted = figma.root.documentColorProfile === "DISPLAY_P3";
  const image = await sharperImage(node);
  if (image !== null && image.longSide <= maxSidePx) {
    const bytes = await image.source.getBytesAsync();
    if (isPngOrJpeg(bytes)) return { bytes, width, height, converted };
  }
  const longSide = image?.longSide ?? Math.max(1, Math.round(Math.max(width, height)));
  const bytes = await exportUpright(node, Math.min(longSide, maxSidePx), without);
  return { bytes, width, height, converted };
}

/**
 * The layer as sRGB PNG in its own box. Figma exports a rotated layer inside its bounding box. A copy turned upright gives
 * the layer's own box, and in a copy layers can be hidden; it is gone before anybody sees it and leaves no undo step.
 */
export async function exportUpright(
  node: SceneNode,
  longSidePx: number,
  without: ReadonlySet<string> = new Set(),
): Promise<Uint8Array> {
  const asItIs = isUpright(node.absoluteTransform) && without.size === 0;
  if (asItIs || !("clone" in node)) return exportLayer(node, longSidePx);
  const copy = node.clone();
  addShortLived(copy);
  try {
    figma.currentPage.appendChild(copy);
    await keepModes(node, copy);
    // All of them first: hidden layers of instances are skipped from then on.
    for (const layer of twinsOf(node, copy, without)) layer.visible = false;
    if ("relativeTransform" in copy) {
      copy.relativeTransform = [
        [1, 0, 0],
        [0, 1, 0],
      ];
    }
    return await exportLayer(copy, longSidePx);
  } finally {
    dropShortLived(copy);
  }
}

/** The layers of a copy that stand for those of the original. */
function twinsOf(node: SceneNode, copy: SceneNode, ids: ReadonlySet<string>): SceneNode[] {
  if (ids.size === 0 || !("children" in node) || !("children" in copy)) return [];
  return node.children.flatMap((child, at) => {
    const twin = copy.children[at];
    if (twin === undefined) return [];
    return ids.has(child.id) ? [twin] : twinsOf(child, twin, ids);
  });
}

function exportLayer(node: SceneNode, longSidePx: number): Promise<Uint8Array> {
  return node.exportAsync({
    format: "PNG",
    colorProfile: "SRGB",
    useAbsoluteBounds: true,
    constraint: { type: node.width >= node.height ? "WIDTH" : "HEIGHT", value: longSidePx },
  });
}

interface SharperImage {
  source: Image;
  longSide: number;
}

/** Rescaling costs sharpness: a photo with more pixels than its layer, all of them shown, is read as it was imported. */
async function sharperImage(node: SceneNode): Promise<SharperImage | null> {
  const hash = plainImageHash(node);
  const source = hash === null ? null : figma.getImageByHash(hash);
  if (source === null) return null;
  const { width, height } = await source.getSizeAsync();
  const longSide = Math.max(width, height);
  const sharper = longSide > Math.max(node.width, node.height);
  const sameAspect = Math.abs(width / height / (node.width / node.height) - 1) < 0.005;
  return sharper && sameAspect ? { source, longSide } : null;
}

/** The image of a layer that is nothing but one unfiltered, uncropped image fill; else null. */
function plainImageHash(node: SceneNode): string | null {
  if (node.type !== "RECTANGLE" || typeof node.fills === "symbol") return null;
  const visible = node.fills.filter((paint) => paint.visible !== false);
  const [paint] = visible;
  if (visible.length !== 1 || paint === undefined || paint.type !== "IMAGE") return null;
  const filtered = Object.values(paint.filters ?? {}).some((value) => value !== 0);
  const turned = (paint.rotation ?? 0) !== 0;
  const plain = paint.scaleMode === "FILL" && (paint.opacity ?? 1) === 1 && !filtered && !turned;
  const bordered = node.strokes.some((stroke) => stroke.visible !== false);
  const bare = node.effects.length === 0 && node.opacity === 1 && node.cornerRadius === 0 && !bordered;
  return plain && bare ? paint.imageHash : null;
}

/** What every engine reads; Figma also keeps GIFs. */
function isPngOrJpeg([a, b, c]: Uint8Array): boolean {
  return (a === 0x89 && b === 0x50) || (a === 0xff && b === 0xd8 && c === 0xff);
}
