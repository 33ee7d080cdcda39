// Runs a sequence in this process: one frame after another, each written as soon as it is painted.

import { createHash } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { checkWritable, makeFolder } from "../files.ts";
import { locateModel } from "../models/locate.ts";
import { checkRequest } from "../models/model-run.ts";
import { type LocatedNetwork, locateNetwork } from "../networks/locate.ts";
import { type DecodedPicture, decodePicture, requireUsable } from "../pictures/decode.ts";
import { type ReadPicture, readPictureFile, writePictureFile } from "../pictures/files.ts";
import { readPictures } from "../pictures/read-pictures.ts";
import { compareNames } from "../protocol/by-name.ts";
import type { Shot } from "../protocol/engine.ts";
import { ImpastoError, orFileProblem } from "../protocol/errors.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import { DEFAULT_SETTINGS, type Settings } from "../protocol/settings.ts";
import { checkMethod, checkSequence, checkStyles } from "../protocol/settings-checks.ts";
import { wantedSide } from "../protocol/sizing.ts";
import { fillGaps } from "../sequence/fill-gaps.ts";
import { type Frame, type FrameSource, pictureFrames } from "../sequence/frames.ts";
import { type MissingFrame, type Notes, readNotes, writeNotes } from "../sequence/notes.ts";
import { isVideo, isVideoOutput, openVideo, requireFfmpeg, type Video, writeVideo } from "../sequence/video.ts";
import type { ChildEngine } from "../supervisor/child-engine.ts";
import { nativeEngineOn } from "../supervisor/native-engine.ts";
import { startPainting } from "../supervisor/painting.ts";
import { expand, identityOf, stemOf, uniqueName } from "./batch-plan.ts";
import { weightsOf } from "./blend.ts";
import { claimFolder } from "./claim-folder.ts";
import { EXIT } from "./exit-codes.ts";
import { formatSeconds } from "./format.ts";
import { type Interrupts, watchInterrupts } from "./interrupts.ts";
import { settingsAmong, withFlagNames } from "./setting-flags.ts";
import { openStatusLine } from "./status-line.ts";
import { type OutputOptions, openTerminal, type Terminal } from "./terminal.ts";

export interface SequenceFlags extends OutputOptions {
  out: string;
  style?: string[];
  blend?: number[];
  fps?: number;
  force?: boolean;
}

/** Of a video that is made from pictures, where nobody says. */
const USUAL_RATE = 25;

interface Sequence {
  source: FrameSource;
  /** Where there is one, its rate and its sound. */
  video: Video | null;
  /** Names of the results; of a video, that of any frame. */
  nameOf(index: number): string;
  /** Of the painted frames; goes away where a video is made of them. */
  folder: string;
  styles: string[];
  weights: number[];
  settings: Settings;
  force: boolean;
}

interface Progress {
  done: number;
  skipped: number;
  shots: number;
  missing: MissingFrame[];
}

export async function runSequence(patterns: string[], flags: SequenceFlags): Promise<void> {
  const terminal = openTerminal(flags);
  const settings = sequenceSettings(flags);
  const network = await chooseEngine(settings, flags.style ?? []);
  const sequence = await openSequence(patterns, flags, settings);
  const release = await claimFolder(sequence.folder);
  const status = openStatusLine(process.stderr, flags.quiet ?? false);
  const abort = new AbortController();
  const interrupts = watchInterrupts(() => {
    status.end();
    terminal.note("Stopping. Run the same command again to go on.");
    abort.abort();
  });
  const begun = performance.now();
  let progress: Progress;
  try {
    if (network.note !== undefined) terminal.note(network.note);
    const engine = nativeEngineOn(async () => network);
    progress = await paintFrames(sequence, engine, interrupts, abort.signal, terminal, (text) =>
      status.update(text, false),
    );
    if (isVideoOutput(flags.out) && !interrupts.interrupted) {
      status.update("writing the video", true);
      const { video, folder, nameOf } = sequence;
      await fillGaps(
        folder,
        progress.missing.map(({ index }) => index),
        nameOf,
      );
      await writeVideo(folder, video?.rate ?? String(flags.fps ?? USUAL_RATE), video?.path ?? null, flags.out);
      await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    throw withFlagNames(error);
  } finally {
    status.end();
    interrupts.release();
    await release();
  }
  const { done, skipped, shots, missing } = progress;
  const seconds = (performance.now() - begun) / 1000;
  const words = [`${done} frame${done === 1 ? "" : "s"} painted`];
  if (skipped > 0) words.push(`${skipped} there already`);
  if (missing.length > 0) words.push(`${missing.length} could not be read`);
  words.push(`${shots} shot${shots === 1 ? "" : "s"}`, formatSeconds(seconds));
  for (const { error } of missing) terminal.note([error.message, error.hint].filter(Boolean).join(" "));
  terminal.done(`${flags.out}: ${words.join(", ")}.`);
  terminal.json({ out: flags.out, ...progress, seconds, interrupted: interrupts.interrupted });
  if (interrupts.interrupted) process.exitCode = EXIT.interrupted;
  else if (missing.length > 0) process.exitCode = EXIT.failed;
}

function sequenceSettings(flags: SequenceFlags): Settings {
  const given = settingsAmong({ ...flags });
  const settings = { ...DEFAULT_SETTINGS, quality: "quick" as const, ...given };
  checkSequence(settings);
  checkMethod(settings);
  return settings;
}

/** What does the work is looked for before any frame is read. */
async function chooseEngine(settings: Settings, paths: readonly string[]): Promise<LocatedNetwork> {
  const styles = paths.map((picture) => ({ picture, weight: 1 }));
  checkStyles(settings, styles);
  const { model, network, quality } = settings;
  if (model === null) return await locateNetwork(network, quality, { allowPath: true });
  const located = await locateModel(model);
  checkRequest(located, { content: "", styles, settings });
  return { name: model, path: located.files.main };
}

async function openSequence(patterns: string[], flags: SequenceFlags, settings: Settings): Promise<Sequence> {
  const { out, style = [], blend, force = false } = flags;
  const intoVideo = isVideoOutput(out);
  const folder = intoVideo ? `${out}.frames` : out;
  const weights = weightsOf(style, blend);
  const found = patterns.some(isVideo) ? patterns.map((path) => resolve(path)) : await expand(patterns);
  const [first] = found;
  const inputs = new Set(await Promise.all([...found, ...style].map(identityOf)));
  const refuseToReplace = async (path: string): Promise<void> => {
    if (!inputs.has(await identityOf(path))) return;
    throw new ImpastoError("bad-request", `${path} is one of the inputs and would be lost.`, {
      hint: "Choose another name or folder for the results.",
    });
  };
  if (intoVideo) {
    await refuseToReplace(resolve(out));
    await requireFfmpeg();
    await checkWritable(out, { force });
  }
  const common = { folder, styles: style, weights, settings, force };
  if (first !== undefined && isVideo(first)) {
    if (found.length > 1) {
      throw new ImpastoError("bad-request", "A sequence is one video, or pictures, and not several videos or both.", {
        hint: "Give one video.",
      });
    }
    if (!(await stat(first).catch(() => null))?.isFile()) {
      throw new ImpastoError("file-not-found", `There is no file ${first}.`);
    }
    const video = await openVideo(first);
    makeFolder(folder);
    return { ...common, source: video, video, nameOf: numbered };
  }
  const paths = found.sort(compareNames);
  const taken = new Set<string>();
  const names = paths.map((path, index) =>
    intoVideo ? numbered(index) : uniqueName(stemOf({ name: basename(path) }), taken),
  );
  for (const name of names) await refuseToReplace(resolve(folder, name));
  makeFolder(folder);
  return { ...common, source: pictureFrames(paths), video: null, nameOf: (index) => names[index] ?? numbered(index) };
}

function numbered(index: number): string {
  return `${String(index + 1).padStart(6, "0")}.png`;
}

async function paintFrames(
  sequence: Sequence,
  engine: ChildEngine,
  interrupts: Interrupts,
  signal: AbortSignal,
  terminal: Terminal,
  tell: (text: string) => void,
): Promise<Progress> {
  const { source, folder, nameOf } = sequence;
  const styles = new Map<string, ReadPicture>();
  for (const path of sequence.styles) styles.set(path, await readPictureFile(path, {}));
  const recipe = digestOf(sequence, styles);
  const before = await notesToGoOnWith(sequence, recipe);
  const { done: first = 0, shots = 0, missing = [] } = before ?? {};
  const progress: Progress = { done: 0, skipped: first - missing.length, shots, missing };
  const paint = createPainter(sequence, engine, signal, terminal);
  let state: Uint8Array = before?.state ?? new Uint8Array();
  let index = first;
  const begun = performance.now();
  try {
    for await (const frame of source.frames(index)) {
      if (interrupts.interrupted) break;
      tell(wordsOf(progress, source.total, (performance.now() - begun) / 1000));
      const content = await contentOf(frame, sequence.settings);
      if (content instanceof ImpastoError) missing.push({ index, error: content.toBody() });
      else {
        const shot = await paint(frame, content, state, join(folder, nameOf(index)));
        state = shot?.state ?? new Uint8Array();
        if (shot?.begins === true) progress.shots++;
        progress.done++;
      }
      index++;
      const frames = await source.identity(index);
      await writeNotes(folder, { version: 1, recipe, frames, done: index, shots: progress.shots, missing, state });
    }
  } catch (error) {
    if (!interrupts.interrupted) throw error;
  }
  const [lost] = missing;
  if (lost !== undefined && missing.length === index) throw ImpastoError.fromBody(lost.error);
  return progress;
}

/** Decoded, or why it cannot be: that costs this frame alone. */
async function contentOf(frame: Frame, settings: Settings): Promise<DecodedPicture | ImpastoError> {
  if (frame.problem !== undefined) return frame.problem;
  return await orFileProblem(async () => {
    const picture = await decodePicture(frame.bytes, frame.name, { maxSide: wantedSide(settings) });
    requireUsable(picture, frame.name);
    return picture;
  });
}

/** "frame 13 of 240, 2 shots, 3 min 20 s left" */
function wordsOf({ done, skipped, shots, missing }: Progress, total: number | null, seconds: number): string {
  const before = done + skipped + missing.length;
  const parts = [`frame ${before + 1}${total === null ? "" : ` of ${total}`}`];
  if (shots > 1) parts.push(`${shots} shots`);
  if (done > 0 && total !== null) {
    const left = (seconds / done) * Math.max(1, total - before);
    parts.push(`${formatSeconds(left)} left`);
  }
  return parts.join(", ");
}

/** What an earlier run of the same command left, if its frames are still those and its results are there. */
async function notesToGoOnWith({ folder, source, nameOf }: Sequence, recipe: string): Promise<Notes | null> {
  const notes = await readNotes(folder);
  if (notes === null || notes.recipe !== recipe) return null;
  if (source.total !== null && notes.done > source.total) return null;
  if (notes.frames !== (await source.identity(notes.done))) return null;
  const missing = new Set(notes.missing?.map(({ index }) => index));
  for (let index = 0; index < notes.done; index++) {
    if (missing.has(index)) continue;
    const file = await stat(join(folder, nameOf(index))).catch(() => null);
    if (file === null) return null;
  }
  return notes;
}

function digestOf({ settings, weights }: Sequence, styles: ReadonlyMap<string, ReadPicture>): string {
  const hashes = [...styles.values()].map(({ sha256 }) => sha256);
  return createHash("sha256")
    .update(JSON.stringify([hashes, weights, settings]))
    .digest("hex");
}

type Paint = (frame: Frame, content: DecodedPicture, state: Uint8Array, out: string) => Promise<Shot | undefined>;

/** The styles are decoded once for each size of frames. */
function createPainter(sequence: Sequence, engine: ChildEngine, signal: AbortSignal, terminal: Terminal): Paint {
  const { styles, weights, settings, force } = sequence;
  const decoded = new Map<string, ReadPicture>();
  const refs = new Map<string, PictureRef>();
  const told = new Set<string>();
  const noteOnce = (note: string): void => {
    if (!told.has(note)) terminal.note(note);
    told.add(note);
  };
  const readStyle = async (path: string, maxSide: number): Promise<DecodedPicture> => {
    const key = `${maxSide} ${path}`;
    const known = decoded.get(key) ?? (await readPictureFile(path, { maxSide }));
    const name = basename(path);
    requireUsable(known, name, "style");
    decoded.set(key, known);
    refs.set(path, { name, sha256: known.sha256 });
    for (const note of known.notes) noteOnce(`${name} ${note}.`);
    return known;
  };
  return async (frame, content, state, out) => {
    const asked = {
      content: "",
      styles: styles.map((picture, i) => ({ picture, weight: weights[i] ?? 1 })),
      settings,
    };
    const { request, density, learned } = await readPictures(asked, async (path, maxSide, role) =>
      role === "content" ? content : await readStyle(path, maxSide),
    );
    const painting = await startPainting(engine, {
      asked,
      decoded: request,
      refOf: (path) => refs.get(path) ?? { name: frame.name, sha256: frame.sha256 },
      onProgress: () => {},
      signal,
      shot: state,
      ...(learned !== undefined && { learned }),
    });
    const { result, recipe } = await painting.finish([]);
    if (result.fallback !== undefined) noteOnce(result.fallback);
    for (const note of result.notes ?? []) noteOnce(note);
    await writePictureFile(out, result.picture, { force, density, recipe: JSON.stringify(recipe) });
    return result.shot;
  };
}
