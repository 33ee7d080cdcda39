// What a browser makes of encoded pictures, the way the panel decodes them.

import type { Page } from "playwright-core";

export interface SeenPicture {
  width: number;
  height: number;
  /** Interleaved, not premultiplied, 0 … 255. */
  rgba: Uint8Array;
}

/** Runs in the page, whose types this project does not have. */
const DECODE = `async (base64) => {
  const response = await fetch("data:application/octet-stream;base64," + base64);
  const bitmap = await createImageBitmap(new Blob([await response.blob()])).catch(() => null);
  if (bitmap === null) return null;
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { colorSpace: "srgb" });
  context.drawImage(bitmap, 0, 0);
  let text = "";
  for (const value of context.getImageData(0, 0, width, height).data) text += String.fromCharCode(value);
  return { width, height, base64: btoa(text) };
}`;

/** Null for what the browser refuses. */
export async function decodeInBrowser(page: Page, bytes: Uint8Array): Promise<SeenPicture | null> {
  const call = `(${DECODE})(${JSON.stringify(Buffer.from(bytes).toString("base64"))})`;
  const seen = await page.evaluate<{ width: number; height: number; base64: string } | null>(call);
  return seen && { width: seen.width, height: seen.height, rgba: Buffer.from(seen.base64, "base64") };
}
