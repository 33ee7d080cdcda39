// Learning from picture files, wherever they lie: read one after the other, each decoded once where that will do.

import { createHash } from "node:crypto";
import { readFileWhole, readOrdinaryFile } from "../files.ts";
import { decodePicture, requireUsable } from "../pictures/decode.ts";
import { checkFileSize } from "../pictures/read-header.ts";
import { ImpastoError, orFileProblem } from "../protocol/errors.ts";
import { FRAME_SIDE, type LearnedStyle, type Learning, type LearnOrder, startLearning } from "./learn-style.ts";

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

export interface LearningFromFiles extends Omit<Learning, "result"> {
  /** With sentences about the frames that were left out, where some were. */
  result: Promise<LearnedStyle & { notes?: string[] }>;
}

/** A frame that cannot be read is left out. @throws ImpastoError where none can, of a style, or of startLearning */
export async function learnFromFiles(
  { styles, frames, into, minutes, settings, own }: LearnFiles,
  onProgress: LearnOrder["onProgress"],
): Promise<LearningFromFiles> {
  const taught = [];
  for (const { path, name } of styles) {
    const bytes = await read({ path, name });
    const picture = async (side: number) => (await decodeUsable(bytes, name, side)).picture;
    taught.push({ name, picture, hash: hashOf(bytes) });
  }
  const decoded = [];
  const frameHashes = [];
  const problems: ImpastoError[] = [];
  for (const { path, name } of frames) {
    const frame = await orFileProblem(async () => {
      const bytes = await readOrdinaryFile(path, (size) => checkFileSize(size, name));
      const { picture } = await decodeUsable(bytes, name, FRAME_SIDE);
      return { picture, sha256: hashOf(bytes) };
    });
    if (frame instanceof ImpastoError) problems.push(frame);
    else {
      decoded.push(frame.picture);
      frameHashes.push(frame.sha256);
    }
  }
  const [problem] = problems;
  if (problem !== undefined && decoded.length === 0) throw problem;
  const before = into && { name: into.name, file: await read(into) };
  const learning = await startLearning({
    styles: taught,
    frames: decoded,
    frameHashes,
    minutes,
    settings,
    own,
    ...(before && { into: before }),
    onProgress,
  });
  const notes = problems.map(({ message }) => `Left out: ${message}`);
  const noted = learning.result.then((learned) => (notes.length === 0 ? learned : { ...learned, notes }));
  return { ...learning, result: noted };
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
