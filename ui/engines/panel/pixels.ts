// Encoded pictures in and out of the panel's engine; the browser decodes and encodes.

import type { Picture, Preview } from "../../../companion/protocol/engine.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { shrunkSide, withLongSide } from "../../../companion/protocol/sizing.ts";
import type { SourcePicture } from "../../host.ts";
import { decode, panelFormat, toPlanar, unreadable } from "../../pictures.ts";

/**
 * Planar RGBA, not larger than `longSide`: the browser scales down while it draws. Throws "unsupported-picture",
 * "bad-picture".
 */
export async function decodePicture(source: SourcePicture, longSide: number): Promise<Picture> {
  const pixels = await decodePixels(source, longSide);
  if (pixels.data.every((value, i) => i % 4 !== 3 || value === 0)) {
    throw new ImpastoError("bad-picture", `“${source.name}” is transparent everywhere.`, {
      hint: "Choose a picture with something to see in it.",
    });
  }
  return toPlanar(pixels);
}

/** The same of a mask, in which nothing need be seen. */
export async function decodeMask(source: SourcePicture, longSide: number): Promise<Picture> {
  return toPlanar(await decodePixels(source, longSide));
}

async function decodePixels(source: SourcePicture, longSide: number): Promise<ImageData> {
  if (panelFormat(source.bytes) === null) throw unreadable(source.bytes, source.name);
  const bitmap = await decode(source.bytes, source.name);
  const { width, height } = withLongSide(bitmap, shrunkSide(bitmap, longSide));
  const context = drawingContext(width, height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

export async function encodePicture({ width, height, channels, data }: Picture): Promise<Uint8Array> {
  const plane = width * height;
  const image = new ImageData(width, height);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < channels; c++) image.data[i * 4 + c] = Math.round((data[c * plane + i] as number) * 255);
    if (channels === 3) image.data[i * 4 + 3] = 255;
  }
  const context = drawingContext(width, height);
  context.putImageData(image, 0, 0);
  const blob = await context.canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await blob.arrayBuffer());
}

export function previewBitmap({ width, height, rgb }: Preview): Promise<ImageBitmap> {
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    image.data.set(rgb.subarray(i * 3, i * 3 + 3), i * 4);
    image.data[i * 4 + 3] = 255;
  }
  return createImageBitmap(image);
}

function drawingContext(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { colorSpace: "srgb" });
  if (context === null) throw new ImpastoError("out-of-memory", "The browser has no memory left for this picture.");
  return context;
}
