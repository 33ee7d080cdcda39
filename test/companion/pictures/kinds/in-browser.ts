// What a browser makes of encoded pictures, the way the panel decodes them.

import type { Page } from "playwright-core";

export interface SeenPicture {
  width: number;
  height: number;
  /** Interleaved, not premultiplied, 0 … 255. */
  rgba: Uint8Array;
}

/** Runs in the page, whose types this project does not have. */
const READ = `async (base64, open) => {
  const response = await fetch("data:application/octet-stream;base64," + base64);
  const bitmap = await open(new Blob([await response.blob()])).catch(() => null);
  if (bitmap === null) return null;
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { colorSpace: "srgb" });
  context.drawImage(bitmap, 0, 0);
  let text = "";
  for (const value of context.getImageData(0, 0, width, height).data) text += String.fromCharCode(value);
  return { width, height, base64: btoa(text) };
}`;

const AS_ELEMENT = `async (blob) => {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode().catch(() => new Promise((shown, refused) => {
    if (image.complete && image.naturalWidth > 0) shown();
    else [image.onload, image.onerror] = [shown, refused];
  }));
  return image;
}`;

/** Null for what the browser refuses. */
export function decodeInBrowser(page: Page, bytes: Uint8Array): Promise<SeenPicture | null> {
  return readInBrowser(page, bytes, "createImageBitmap");
}

/** As a page shows it: files that end early as far as they go, with nothing where nothing has come. */
export function showInBrowser(page: Page, bytes: Uint8Array): Promise<SeenPicture | null> {
  return readInBrowser(page, bytes, AS_ELEMENT);
}

async function readInBrowser(page: Page, bytes: Uint8Array, open: string): Promise<SeenPicture | null> {
  const call = `(${READ})(${JSON.stringify(Buffer.from(bytes).toString("base64"))}, ${open})`;
  const seen = await page.evaluate<{ width: number; height: number; base64: string } | null>(call);
  return seen && { width: seen.width, height: seen.height, rgba: Buffer.from(seen.base64, "base64") };
}
