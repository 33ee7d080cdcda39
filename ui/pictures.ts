// Encoded pictures in the panel: their size, smaller copies, object URLs. Decoding is the browser's.

import type { Picture } from "../companion/protocol/engine.ts";
import { ImpastoError } from "../companion/protocol/errors.ts";
import type { Place } from "../companion/protocol/host/messages.ts";
import type { SourcePicture } from "./host.ts";

export const PICTURE_TYPES = ["image/png", "image/jpeg", "image/webp"] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];

/** By the first bytes; null for what the engines do not read. */
export function pictureType(bytes: Uint8Array): PictureType | null {
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return "image/png";
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "image/jpeg";
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  return text.startsWith("RIFF") && text.endsWith("WEBP") ? "image/webp" : null;
}

export function toBlob(bytes: Uint8Array): Blob {
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: pictureType(bytes) ?? "application/octet-stream" });
}

/** Throws "bad-picture" when the browser can not decode it. */
export async function decode(bytes: Uint8Array, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(toBlob(bytes));
  } catch (cause) {
    throw new ImpastoError("bad-picture", `“${name}” can not be read as a picture.`, {
      hint: "Use a PNG, JPEG or WebP picture.",
      cause,
    });
  }
}

/** A copy with its long side at most `side` px, as JPEG over white. */
export async function encodeJpeg(picture: SourcePicture, side: number): Promise<SourcePicture> {
  return reencode(picture, side, "image/jpeg", 0.9);
}

/** A copy with its long side at most `side` px, as PNG. */
export async function encodePng(picture: SourcePicture, side: number): Promise<SourcePicture> {
  return reencode(picture, side, "image/png");
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

async function reencode(picture: SourcePicture, side: number, type: PictureType, quality?: number) {
  const bitmap = await decode(picture.bytes, picture.name);
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = "high";
  if (type === "image/jpeg") {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
  }
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type, ...(quality !== undefined && { quality }) });
  return { bytes: new Uint8Array(await blob.arrayBuffer()), name: picture.name, width, height };
}
