// From a style's picture and frames to a learned style's file. What has been learned is put aside every now and then:
// the same order goes on from there.

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
import { MAX_LEARN_FRAMES } from "../protocol/limits.ts";
import type { Progress } from "../protocol/progress.ts";
import { DEFAULT_SETTINGS, type Settings } from "../protocol/settings.ts";
import { folders } from "../storage/data-folder.ts";
import { makeLearnedDetailer } from "./learned-detailer.ts";
import { putDetailer } from "./style-file.ts";

/** Pictures are read no larger: a piece of one that learning looks at has a quarter of it. */
export const FRAME_SIDE = 640;
/** Of the style, as long as its file stays below MOST_BYTES. */
const STYLE_SIDES = [1024, 896, 768, 640, 512, 384, 256] as const;
const MOST_BYTES = 2e6;
/** A draft of each piece comes first: all of them are not to take longer than the learning. */
const FEWEST_PIECES = 4;
const SECONDS_PER_PIECE = 5;
const CHECKPOINT_SECONDS = 15;

export interface LearnOrder {
  /** By falling size, see STYLE_SIDES; learned from the first that fits the file. */
  style: (side: number) => Promise<Picture>;
  /** Of its file. */
  styleHash: string;
  frames: readonly Picture[];
  frameHashes: readonly string[];
  minutes: number;
  settings: Pick<Settings, "seed" | "strength" | "styleScale" | "threads">;
  onProgress(progress: Progress): void;
}

export interface LearnedStyle {
  file: Uint8Array;
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
  const base = await readFile(painter.detailer.path);
  const { jpeg, picture } = await encodeStyle(order.style, base.length);
  const path = await checkpointPath(order);
  const checkpoint = await readFile(path).catch(() => undefined);
  const run = learn(
    {
      styles: [picture],
      own: "filters",
      frames: order.frames,
      settings,
      seconds: order.minutes * 60,
      pieces: Math.min(MAX_LEARN_FRAMES, Math.max(FEWEST_PIECES, Math.round((order.minutes * 60) / SECONDS_PER_PIECE))),
      criticPath: (await locateNetwork("vgg19-half", "fine")).path,
      painter: { networkPath: painter.network.path, detailerPath: painter.detailer.path },
      ...(checkpoint && { checkpoint }),
    },
    { onProgress: (progress) => order.onProgress(progress) },
  );
  const { pause, resume, stop, preview } = run;
  return { pause, resume, stop, preview, result: finish(run, path, base, { jpeg, picture }, order) };
}

async function finish(
  run: LearnRun,
  path: string,
  base: Uint8Array,
  { jpeg, picture: { width, height } }: EncodedStyle,
  { minutes, frames, settings }: LearnOrder,
): Promise<LearnedStyle> {
  const aside = putAsideNowAndThen(run, path);
  try {
    const { filters, gapBefore, gapAfter, iterations, seconds, stopped } = await run.result;
    const learned = JSON.stringify({ minutes, frames: frames.length, steps: iterations, ...settings });
    const detailer = makeLearnedDetailer(base, filters, { name: "learned", learned });
    if (!stopped) await rm(path, { force: true });
    const file = putDetailer(jpeg, detailer);
    return { file, width, height, gapBefore, gapAfter, steps: iterations, seconds, stopped };
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

async function checkpointPath({ styleHash, frameHashes, minutes, settings }: LearnOrder): Promise<string> {
  const detailer = await hashOnce(locatePainter().detailer.path);
  const order = JSON.stringify([1, styleHash, frameHashes, minutes, settings, detailer]);
  const name = createHash("sha256").update(order).digest("hex").slice(0, 32);
  return join(folders().cache, "learning", `${name}.checkpoint`);
}

interface EncodedStyle {
  jpeg: Uint8Array;
  picture: Picture;
}

/** As large as the file may be. */
async function encodeStyle(style: LearnOrder["style"], detailerBytes: number): Promise<EncodedStyle> {
  for (const side of STYLE_SIDES) {
    const picture = await style(side);
    const jpeg = await encodePicture(picture, "jpeg");
    if (jpeg.length + detailerBytes < MOST_BYTES || side === STYLE_SIDES.at(-1)) return { jpeg, picture };
  }
  throw new Error("unreachable");
}
