// Pictures for people of what end-to-end tests pass, in test/artifacts/: the slow suite makes them, and whoever sets
// IMPASTO_PICTURES. Nothing is held against them, and they take seconds.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page, PageScreenshotOptions } from "playwright-core";

export const TAKES_PICTURES = process.env.IMPASTO_PICTURES !== undefined;

/** `name`: below test/artifacts/, with its extension. */
export async function takePicture(page: Page, name: string, options: PageScreenshotOptions = {}): Promise<void> {
  if (!TAKES_PICTURES) return;
  const path = fileURLToPath(new URL(`../artifacts/${name}`, import.meta.url));
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ ...options, path });
}
