// Encoded pictures in the panel: their size, smaller copies, object URLs. Decoding is the browser's.

import type { Picture } from "../companion/protocol/engine.ts";
import { ImpastoError } from "../companion/protocol/errors.ts";
import { cameraRawRemedy, kindForBrowser } from "../companion/protocol/file-beginnings.ts";
import type { Place } from "../companion/protocol/host/messages.ts";
import { PANEL_KINDS, type PanelFormat, PICTURE_KINDS } from "../companion/protocol/picture-kinds.ts";
import type { SourcePicture } from "./host.ts";

/** By the first bytes; null for what does not go to the engines as it is. */
export function panelFormat(bytes: Uint8Array): PanelFormat | null {
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return "png";
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "jpeg";
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  return text.startsWith("RIFF") && text.endsWith("WEBP") ? "webp" : null;
}

export function toBlob(bytes: Uint8Array): Blob {
  const format = panelFormat(bytes);
  return new Blob([bytes as Uint8Array<ArrayBuffer>], {
    type: format === null ? "application/octet-stream" : PICTURE_KINDS[format].mediaType,
  });
}

/** Of a PNG, from its header. */
export function pngSize(png: Uint8Array): { width: number; height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Throws "unsupported-picture" or "bad-picture" when the browser can not decode it. */
export async function decode(bytes: Uint8Array, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(toBlob(bytes));
  } catch (cause) {
    throw unreadable(bytes, name, cause);
  }
}

/** What a person gave instead of a picture that is read here, with a remedy that the same door takes. */
export function unreadable(bytes: Uint8Array, name: string, cause?: unknown): ImpastoError {
  const kind = kindForBrowser(bytes, name);
  if (kind !== null) {
    const exported = `a ${PANEL_KINDS} picture`;
    const hint = kind.isCameraRaw ? cameraRawRemedy(exported) : `Export it as ${exported}.`;
    return new ImpastoError("unsupported-picture", `“${name}” is ${kind.what}, which is not read here.`, {
      hint,
      cause,
    });
  }
  if (panelFormat(bytes) === null) {
    return new ImpastoError("unsupported-picture", `“${name}” is no picture.`, {
      hint: `Use a ${PANEL_KINDS} picture.`,
      cause,
    });
  }
  return new ImpastoError("bad-picture", `“${name}” can not be read as a picture: it is damaged or incomplete.`, {
    hint: `Open it in an image editor and export it again as ${PANEL_KINDS}.`,
    cause,
  });
}

/** A copy with its long side at most `side` px, as JPEG over white. */
export async function encodeJpeg(picture: SourcePicture, side: number): Promise<SourcePicture> {
  return reencode(picture, side, "jpeg", 0.9);
}

/** A copy with its long side at most `side` px, as PNG. */
export async function encodePng(picture: SourcePicture, side: number): Promise<SourcePicture> {
  return reencode(picture, side, "png");
}

/** A bitmap as PNG. */
export async function fromBitmap(bitmap: ImageBitmap, name: string): Promise<SourcePicture> {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  return { ...(await fromCanvas(canvas)), name };
}

/** What was drawn, as PNG. */
export async function fromCanvas(canvas: OffscreenCanvas): Promise<Omit<SourcePicture, "name">> {
  const { width, height } = canvas;
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return { bytes: new Uint8Array(await blob.arrayBuffer()), width, height };
}

/** [4, H, W] in 0 … 1 from interleaved RGBA bytes (not premultiplied, as getImageData gives them); copies. */
export function toPlanar({ data: bytes, width, height }: ImageData): Picture {
  const plane = width * height;
  const data = new Float32Array(4 * plane);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 4; c++) data[c * plane + i] = (bytes[i * 4 + c] as number) / 255;
  }
  return { width, height, channels: 4, data };
}

/** A layer's picture as it lies over another layer, on nothing; that one's long side is at most `maxSide` px. */
export async function putInPlace(
  { bytes, name, width, height }: SourcePicture,
  place: Place,
  maxSide: number,
): Promise<SourcePicture> {
  const scale = Math.min(1, maxSide / Math.max(place.width, place.height));
  const [a, b] = [Math.max(1, Math.round(place.width * scale)), Math.max(1, Math.round(place.height * scale))];
  const context = new OffscreenCanvas(a, b).getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = "high";
  const [[m11, m12, m13], [m21, m22, m23]] = place.transform;
  context.scale(a / place.width, b / place.height);
  context.transform(m11, m21, m12, m22, m13, m23);
  const bitmap = await decode(bytes, name);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return { ...(await fromCanvas(context.canvas)), name };
}

/** Parts of at most `side` px each way, row by row, as PNG; x and y are their places in the whole. */
export async function cutIntoTiles(picture: SourcePicture, side: number) {
  const bitmap = await decode(picture.bytes, picture.name);
  const tiles: { x: number; y: number; width: number; height: number; bytes: Uint8Array }[] = [];
  for (let y = 0; y < bitmap.height; y += side) {
    for (let x = 0; x < bitmap.width; x += side) {
      const width = Math.min(side, bitmap.width - x);
      const height = Math.min(side, bitmap.height - y);
      const part = await createImageBitmap(bitmap, x, y, width, height);
      const { bytes } = await fromBitmap(part, picture.name);
      part.close();
      tiles.push({ x, y, width, height, bytes });
    }
  }
  bitmap.close();
  return tiles;
}

async function reencode(picture: SourcePicture, side: number, format: PanelFormat, quality?: number) {
  const bitmap = await decode(picture.bytes, picture.name);
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = "high";
  if (format === "jpeg") {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
  }
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const type = PICTURE_KINDS[format].mediaType;
  const blob = await canvas.convertToBlob({ type, ...(quality !== undefined && { quality }) });
  return { bytes: new Uint8Array(await blob.arrayBuffer()), name: picture.name, width, height };
}
