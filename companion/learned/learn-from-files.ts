// Learning from picture files, wherever they lie: read one after the other, each decoded once where that will do.

import { createHash } from "node:crypto";
import { readFileWhole } from "../files.ts";
import { decodePicture, requireUsable } from "../pictures/decode.ts";
import { checkFileSize } from "../pictures/read-header.ts";
import { FRAME_SIDE, type Learning, type LearnOrder, startLearning } from "./learn-style.ts";

export interface NamedFile {
  path: string;
  /** How to call it in a message. */
  name: string;
}

export interface LearnFiles extends Pick<LearnOrder, "minutes" | "settings" | "own"> {
  /** One or more. */
  styles: readonly NamedFile[];
  frames: readonly NamedFile[];
  /** A learned style, to which these are added with the rest frozen. */
  into?: NamedFile;
}

/** @throws ImpastoError of a file, of a picture, or of startLearning */
export async function learnFromFiles(
  { styles, frames, into, minutes, settings, own }: LearnFiles,
  onProgress: LearnOrder["onProgress"],
): Promise<Learning> {
  const taught = [];
  for (const { path, name } of styles) {
    const bytes = await read({ path, name });
    const picture = async (side: number) => (await decodeUsable(bytes, name, side)).picture;
    taught.push({ name, picture, hash: hashOf(bytes) });
  }
  const decoded = [];
  const frameHashes = [];
  for (const frame of frames) {
    const bytes = await read(frame);
    const { picture } = await decodeUsable(bytes, frame.name, FRAME_SIDE);
    decoded.push(picture);
    frameHashes.push(hashOf(bytes));
  }
  const before = into && { name: into.name, file: await read(into) };
  return await startLearning({
    styles: taught,
    frames: decoded,
    frameHashes,
    minutes,
    settings,
    own,
    ...(before && { into: before }),
    onProgress,
  });
}

function read({ path, name }: NamedFile): Promise<Uint8Array> {
  return readFileWhole(path, (size) => checkFileSize(size, name));
}

async function decodeUsable(bytes: Uint8Array, name: string, maxSide: number) {
  const decoded = await decodePicture(bytes, name, { maxSide });
  requireUsable(decoded, name);
  return decoded;
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
