// From pictures of styles and frames to a learned style's file. What has been learned is put aside every now and then: the
// same order goes on from there.

import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type LearnRun, learn } from "../engine.ts";
import { writeFileWhole } from "../files.ts";
import { withDevice } from "../gpu/choose-device.ts";
import { hashOnce } from "../networks/hash-once.ts";
import { locateNetwork, locatePainter } from "../networks/locate.ts";
import { encodePicture } from "../pictures/encode.ts";
import type { Picture } from "../protocol/engine.ts";
import type { OwnKind } from "../protocol/learned-styles.ts";
import { MAX_LEARN_FRAMES } from "../protocol/limits.ts";
import type { Progress } from "../protocol/progress.ts";
import { DEFAULT_SETTINGS, type Settings } from "../protocol/settings.ts";
import { folders } from "../storage/data-folder.ts";
import {
  type LearningStart,
  learnedFile,
  type StyleInFile,
  startFromGeneral,
  startFromLearned,
  stylesIn,
} from "./add-members.ts";
import { writeDetailer } from "./filter-tensors.ts";
import { keepDetailer } from "./kept-detailers.ts";
import { makeLearnedDetailer } from "./learned-detailer.ts";

/** Pictures are read no larger: the smallest piece of one has nearly the size at which learning looks at it. */
export const FRAME_SIDE = 768;
/** Of the style, as long as its file stays below MOST_BYTES. */
const STYLE_SIDES = [1024, 896, 768, 640, 512, 384, 256] as const;
const MOST_BYTES = 2e6;
/** A draft of each piece comes first: all of them are not to take longer than the learning. */
const FEWEST_PIECES = 4;
const SECONDS_PER_PIECE = 10;
const CHECKPOINT_SECONDS = 15;

export interface StyleSource {
  name: string;
  /** By falling size, see STYLE_SIDES; learned from the first that fits the file. */
  picture: (side: number) => Promise<Picture>;
  /** Of its file. */
  hash: string;
}

export interface LearnOrder {
  /** One or more, in one file. */
  styles: readonly StyleSource[];
  frames: readonly Picture[];
  frameHashes: readonly string[];
  minutes: number;
  settings: Pick<Settings, "seed" | "strength" | "styleScale" | "threads">;
  /** What each has of its own; null: what suits one style, or several. */
  own: OwnKind | null;
  /** A learned style to which these are added; what is in it stays as it is. */
  into?: { name: string; file: Uint8Array };
  onProgress(progress: Progress): void;
}

export interface LearnedStyle {
  file: Uint8Array;
  /** Where it was made to hold several: all of them. */
  styles?: StyleInFile[];
  /** Of its picture, px. */
  width: number;
  height: number;
  /** Share of the style gap left on pieces of the frames, before and after. */
  gapBefore: number;
  gapAfter: number;
  steps: number;
  seconds: number;
  stopped: boolean;
}

export interface Learning extends Pick<LearnRun, "pause" | "resume" | "stop" | "preview"> {
  result: Promise<LearnedStyle>;
}

/** @throws ImpastoError; nothing is lost then but what came after the last time that it was put aside */
export async function startLearning(order: LearnOrder): Promise<Learning> {
  const painter = locatePainter();
  const settings = await withDevice({ ...DEFAULT_SETTINGS, ...order.settings, quality: "quick", device: "cpu" });
  const general = await readFile(painter.detailer.path);
  const count = order.styles.length;
  const start =
    order.into === undefined
      ? startFromGeneral(general, count, order.own)
      : startFromLearned(order.into, general, count, order.own);
  const styles: EncodedStyle[] = [];
  for (const style of order.styles) styles.push(await encodeStyle(style, general.length));
  const path = await checkpointPath(order);
  const checkpoint = await readFile(path).catch(() => undefined);
  const run = learn(
    {
      styles: styles.map(({ picture }) => picture),
      own: start.own,
      bank: start.bank,
      frozen: order.into !== undefined,
      frames: order.frames,
      settings,
      seconds: order.minutes * 60,
      pieces: piecesFor(order.minutes, count),
      criticPath: (await locateNetwork("vgg19-half", "fine")).path,
      painter: { networkPath: painter.network.path, detailerPath: await sharedPath(start, painter.detailer.path) },
      ...(checkpoint && { checkpoint }),
    },
    { onProgress: (progress) => order.onProgress(progress) },
  );
  const { pause, resume, stop, preview } = run;
  return { pause, resume, stop, preview, result: finish(run, path, start, styles, order) };
}

/** Of the frames, for each style. */
function piecesFor(minutes: number, styles: number): number {
  const pieces = Math.round((minutes * 60) / SECONDS_PER_PIECE / styles);
  return Math.min(MAX_LEARN_FRAMES, Math.max(FEWEST_PIECES, pieces));
}

/** The detailer of those that are there already is a file as the engine wants it, too. */
async function sharedPath({ shared, before }: LearningStart, general: string): Promise<string> {
  return before === null ? general : await keepDetailer(writeDetailer(shared));
}

async function finish(
  run: LearnRun,
  path: string,
  start: LearningStart,
  styles: readonly EncodedStyle[],
  { minutes, frames, settings }: LearnOrder,
): Promise<LearnedStyle> {
  const aside = putAsideNowAndThen(run, path);
  try {
    const { filters, own, gapBefore, gapAfter, iterations, seconds, stopped } = await run.result;
    const learned = JSON.stringify({ minutes, frames: frames.length, steps: iterations, ...settings });
    const base = writeDetailer(start.shared);
    const detailer = makeLearnedDetailer(base, filters, { name: "learned", learned });
    if (!stopped) await rm(path, { force: true });
    const parts = styles.map(({ name, jpeg }, i) => ({ name, jpeg, own: own[i] ?? new Float32Array() }));
    const file = learnedFile(start, start.before === null ? detailer : base, parts);
    const inFile = start.own === "filters" ? [] : stylesIn(file);
    const { width, height } = inFile[0] ?? (styles[0] as EncodedStyle).picture;
    return {
      file,
      ...(inFile.length > 0 && { styles: inFile }),
      width,
      height,
      gapBefore,
      gapAfter,
      steps: iterations,
      seconds,
      stopped,
    };
  } finally {
    await aside.end();
  }
}

/** Trouble with it never ends the work. */
function putAsideNowAndThen(run: LearnRun, path: string): { end(): Promise<void> } {
  let writing = Promise.resolve();
  const timer = setInterval(() => {
    writing = run
      .checkpoint()
      .then((bytes) => (bytes === null ? undefined : writeFileWhole(path, bytes)))
      .catch(() => undefined);
  }, CHECKPOINT_SECONDS * 1000);
  return {
    end() {
      clearInterval(timer);
      return writing;
    },
  };
}

async function checkpointPath({ styles, frameHashes, minutes, settings, own, into }: LearnOrder): Promise<string> {
  const detailer = await hashOnce(locatePainter().detailer.path);
  const hashes = styles.map(({ hash }) => hash);
  const before = into && createHash("sha256").update(into.file).digest("hex");
  const order = JSON.stringify([3, hashes, frameHashes, minutes, settings, own, before, detailer]);
  const name = createHash("sha256").update(order).digest("hex").slice(0, 32);
  return join(folders().cache, "learning", `${name}.checkpoint`);
}

interface EncodedStyle {
  name: string;
  jpeg: Uint8Array;
  picture: Picture;
}

/** As large as the file may be. */
async function encodeStyle({ name, picture: read }: StyleSource, detailerBytes: number): Promise<EncodedStyle> {
  for (const side of STYLE_SIDES) {
    const picture = await read(side);
    const jpeg = await encodePicture(picture, "jpeg");
    if (jpeg.length + detailerBytes < MOST_BYTES || side === STYLE_SIDES.at(-1)) return { name, jpeg, picture };
  }
  throw new Error("unreachable");
}
