// What the engine's plan asks for: sizes of pictures, from their headers.

import { readFileHeader } from "../pictures/file-header.ts";
import type { FileSystem } from "../storage/file-system.ts";
import type { PlanInput } from "./child-engine.ts";
import type { PictureFile, PlanCall } from "./messages.ts";

/** Throws ImpastoError for what is no picture. */
export async function planInput({ content, styles, settings }: PlanCall, fileSystem: FileSystem): Promise<PlanInput> {
  async function sizeOf({ path, name }: PictureFile): Promise<{ width: number; height: number }> {
    const { width, height } = await readFileHeader(fileSystem, path, name);
    return { width, height };
  }
  return { content: await sizeOf(content), styles: await Promise.all(styles.map(sizeOf)), settings };
}
