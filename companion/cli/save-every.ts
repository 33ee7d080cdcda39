// --save-every: the picture as it stands, beside the result: out.png → out-00050.png.

import { basename, dirname, extname, join } from "node:path";
import type { EngineRun } from "../engine.ts";
import { writePictureFile } from "../pictures/files.ts";
import type { Picture, Preview } from "../protocol/engine.ts";

/** @returns the path, or null when there is no picture yet. @throws ImpastoError of the file */
export async function saveIntermediate(run: EngineRun, out: string, iteration: number): Promise<string | null> {
  const preview = await run.preview();
  if (preview === null) return null;
  const path = intermediatePath(out, iteration);
  await writePictureFile(path, toPicture(preview));
  return path;
}

export function intermediatePath(out: string, iteration: number): string {
  const extension = extname(out);
  return join(dirname(out), `${basename(out, extension)}-${String(iteration).padStart(5, "0")}${extension}`);
}

/** Interleaved bytes → planar floats (copies). */
function toPicture({ width, height, rgb }: Preview): Picture {
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) data[channel * plane + i] = (rgb[3 * i + channel] ?? 0) / 255;
  }
  return { width, height, channels: 3, data };
}
