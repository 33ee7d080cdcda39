// A layer's pixels: exported upright as sRGB PNG, or the original bytes of a plain image fill where these are sharper.

import { isUpright } from "./transform.ts";

export interface LayerPixels {
  bytes: Uint8Array;
  /** Size of the layer on the canvas, px; the picture inside `bytes` may be larger or smaller. */
  width: number;
  height: number;
  /** True when the document's colors are wider than sRGB, so that some may shift. */
  converted: boolean;
}

/** Throws an Error whose message can be shown when Figma cannot export the layer. */
export async function readLayer(node: SceneNode, longSidePx: number): Promise<LayerPixels> {
  const { width, height } = node;
  const converted = figma.root.documentColorProfile === "DISPLAY_P3";
  const original = await originalBytes(node, longSidePx);
  if (original !== null) return { bytes: original, width, height, converted };
  const bytes = await exportUpright(node, longSidePx);
  return { bytes, width, height, converted };
}

/**
 * Figma exports a rotated layer inside its bounding box. A copy turned upright gives the layer's own box;
 * it is gone before anybody sees it and leaves no undo step.
 */
async function exportUpright(node: SceneNode, longSidePx: number): Promise<Uint8Array> {
  if (isUpright(node.absoluteTransform) || !("clone" in node) || !("rotation" in node)) {
    return exportLayer(node, longSidePx);
  }
  const copy = node.clone();
  try {
    figma.currentPage.appendChild(copy);
    if ("relativeTransform" in copy) {
      copy.relativeTransform = [
        [1, 0, 0],
        [0, 1, 0],
      ];
    }
    return await exportLayer(copy, longSidePx);
  } finally {
    copy.remove();
  }
}

function exportLayer(node: SceneNode, longSidePx: number): Promise<Uint8Array> {
  const wide = node.width >= node.height;
  const longSide = Math.max(node.width, node.height);
  return node.exportAsync({
    format: "PNG",
    colorProfile: "SRGB",
    useAbsoluteBounds: true,
    constraint: { type: wide ? "WIDTH" : "HEIGHT", value: Math.min(longSidePx, Math.max(1, Math.round(longSide))) },
  });
}

/** Rescaling costs sharpness: a photo whose layer shows all of it is read as it was imported. */
async function originalBytes(node: SceneNode, longSidePx: number): Promise<Uint8Array | null> {
  const hash = plainImageHash(node);
  if (hash === null) return null;
  const image = figma.getImageByHash(hash);
  if (image === null) return null;
  const size = await image.getSizeAsync();
  const longSide = Math.max(node.width, node.height);
  const sharper = Math.max(size.width, size.height) > longSide && longSide < longSidePx;
  const sameAspect = Math.abs(size.width / size.height / (node.width / node.height) - 1) < 0.005;
  return sharper && sameAspect ? image.getBytesAsync() : null;
}

/** The image of a layer that is nothing but one unfiltered, uncropped image fill; else null. */
function plainImageHash(node: SceneNode): string | null {
  if (node.type !== "RECTANGLE" || typeof node.fills === "symbol") return null;
  const visible = node.fills.filter((paint) => paint.visible !== false);
  const [paint] = visible;
  if (visible.length !== 1 || paint === undefined || paint.type !== "IMAGE") return null;
  const filtered = Object.values(paint.filters ?? {}).some((value) => value !== 0);
  const plain = paint.scaleMode === "FILL" && (paint.opacity ?? 1) === 1 && !filtered;
  const bare = node.effects.length === 0 && node.opacity === 1 && node.cornerRadius === 0;
  return plain && bare ? paint.imageHash : null;
}
