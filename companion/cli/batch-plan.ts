// What a batch is to do: which files its arguments mean, how the results are called, and which are there already.

import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join, resolve, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { glob, isDynamicPattern } from "tinyglobby";
import { readError, readOrdinaryFile } from "../files.ts";
import { readRecipe } from "../jobs/read-recipe.ts";
import { checkFileSize } from "../pictures/read-header.ts";
import { compareNames } from "../protocol/by-name.ts";
import { type ErrorBody, ImpastoError, orFileProblem } from "../protocol/errors.ts";
import { PICTURE_EXTENSIONS, READ_KINDS } from "../protocol/picture-kinds.ts";
import { mapShared, type SharedPicturesOf } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import type { Settings } from "../protocol/settings.ts";
import { isStdin } from "../standard-streams.ts";
import { checkNames, stemOf as resultStem } from "./cell-flags.ts";

/** Of a file in bytes, on all file systems but those that hide names in longer ones. */
const MAX_FILE_NAME_BYTES = 255;

export interface InputFile {
  path: string;
  name: string;
  /** Of what cannot be read: empty. */
  sha256: string;
  /** Why it cannot be read. */
  problem?: ErrorBody;
}

/** Those that a frame has. */
export type FrameMasks = Partial<Record<"region" | "source" | "protect", InputFile>>;

/** A style that every result has at some layers, beside its own at all others. */
export interface LayerStyle {
  file: InputFile;
  layers: readonly string[];
}

/** One result: a content in one style. */
export interface PlannedFrame {
  content: InputFile;
  style: InputFile;
  layerStyles: readonly LayerStyle[];
  masks: FrameMasks;
  /** Its own, instead of the batch's. */
  strength: number | null;
  out: string;
  /** The same content in the same style with the same settings stands at `out`. */
  isThere: boolean;
}

/**
 * Files that the arguments mean, each once, in the order of the arguments and by name within one. What is not there, or is
 * no file for all its name, is among them: reading it tells.
 */
export async function expand(patterns: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of patterns) {
    const stats = await stat(pattern).catch(() => null);
    if (isStdin(pattern) || stats?.isFIFO()) {
      throw new ImpastoError("bad-request", "A batch takes files and folders by name, not a picture from a pipe.", {
        hint: "For a list of files: impasto batch $(cat list.txt) …; for one picture from a pipe: impasto stylize -",
      });
    }
    if (stats?.isFile()) found.push(resolve(pattern));
    else found.push(...(stats?.isDirectory() ? await picturesIn(pattern) : await matching(pattern)).sort(compareNames));
  }
  return [...new Set(found)];
}

/** By the ends of their names, in upper case as well as in lower. @throws ImpastoError where there are none */
async function picturesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw readError(folder, cause);
  });
  const pictures = names.filter(
    (name) => !name.startsWith(".") && PICTURE_EXTENSIONS.includes(extname(name).slice(1).toLowerCase()),
  );
  const files = await withoutFolders(pictures.map((name) => resolve(folder, name)));
  if (files.length > 0) return files;
  throw new ImpastoError("file-not-found", `There are no pictures in ${folder}.`, { hint: `${READ_KINDS} are taken.` });
}

/** Links that lead nowhere are among them, and so is a name that is none. @throws ImpastoError where a pattern matches nothing */
async function matching(text: string): Promise<string[]> {
  // Patterns have forward slashes, also where paths have the other kind.
  const pattern = sep === "/" ? text : text.split(sep).join("/");
  const found = [true, false].map((followSymbolicLinks) => glob([pattern], { absolute: true, followSymbolicLinks }));
  const files = await withoutFolders([...new Set((await Promise.all(found)).flat())]);
  if (files.length > 0) return files;
  if (!isDynamicPattern(pattern)) return [resolve(text)];
  throw new ImpastoError("file-not-found", `There is no file ${text}.`, {
    hint: `${READ_KINDS} are taken; put quotes around a pattern.`,
  });
}

async function withoutFolders(paths: readonly string[]): Promise<string[]> {
  const stats = await Promise.all(paths.map((path) => stat(path).catch(() => null)));
  return paths.filter((_, i) => !stats[i]?.isDirectory());
}

/** @throws ImpastoError of the file */
export async function readInput(path: string): Promise<InputFile & { bytes: Uint8Array }> {
  const name = basename(path);
  const bytes = await readOrdinaryFile(path, (size) => checkFileSize(size, name));
  return { path, name, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** Of several: one that cannot be read costs what it was for, and nothing else. @throws ImpastoError where none can */
export async function readInputs(paths: readonly string[]): Promise<InputFile[]> {
  const inputs: InputFile[] = [];
  let problem: ImpastoError | null = null;
  for (const path of paths) {
    const read = await orFileProblem(() => readInput(path));
    if (read instanceof ImpastoError) {
      problem ??= read;
      inputs.push({ path, name: basename(path), sha256: "", problem: read.toBody() });
    } else {
      const { bytes: _, ...input } = read;
      inputs.push(input);
    }
  }
  if (problem !== null && inputs.every((input) => input.problem !== undefined)) throw problem;
  return inputs;
}

export interface BatchInputs {
  contents: readonly InputFile[];
  styles: readonly InputFile[];
  layerStyles: readonly LayerStyle[];
  masksOf(content: InputFile, style: number): FrameMasks;
  /** Each content in one style alone. */
  inTurn: boolean;
  /** Of results by their names (stemOf in cell-flags.ts). */
  strengths: ReadonlyMap<string, number>;
}

/** Every content in every style, or in turn, under names that differ. Throws "bad-request" when an input would be replaced. */
export async function planFrames(
  { contents, styles, layerStyles, masksOf, inTurn, strengths }: BatchInputs,
  folder: string,
  settings: Settings,
  withOverview: boolean,
): Promise<PlannedFrame[]> {
  // The overview's name is not a result's, also in runs without one.
  const overview = contactSheetPath(folder);
  const taken = new Set([basename(overview)]);
  const masks = styles.flatMap((_, style) => contents.flatMap((content) => Object.values(masksOf(content, style))));
  const others = layerStyles.map(({ file }) => file);
  const paths = new Set([...contents, ...styles, ...others, ...masks].map(({ path }) => path));
  const inputs = new Set(await Promise.all([...paths].map(identityOf)));
  const refuseToReplace = async (out: string): Promise<void> => {
    if (!inputs.has(await identityOf(out))) return;
    throw new ImpastoError("bad-request", `${out} is one of the inputs and would be lost.`, {
      hint: "Choose another folder for the results.",
    });
  };
  if (withOverview) await refuseToReplace(overview);
  const frames: PlannedFrame[] = [];
  for (const [index, style] of styles.entries()) {
    for (const [place, content] of contents.entries()) {
      if (inTurn && place % styles.length !== index) continue;
      const stem = styles.length === 1 ? stemOf(content) : `${stemOf(content)}--${stemOf(style)}`;
      const name = uniqueName(stem, taken);
      const out = resolve(folder, name);
      await refuseToReplace(out);
      const strength = strengths.get(resultStem(name)) ?? null;
      const frame = { content, style, layerStyles, masks: masksOf(content, index), strength, out };
      frames.push({ ...frame, isThere: await holds(frame, withStrength(settings, frame)) });
    }
  }
  checkNames(
    strengths,
    frames.map(({ out }) => basename(out)),
  );
  return frames;
}

/** What a frame is painted with. */
export function withStrength<S extends Partial<Settings>>(
  settings: S,
  { strength }: Pick<PlannedFrame, "strength">,
): S {
  return strength === null ? settings : { ...settings, strength };
}

/** The same for every path that leads to one file; the folder for the results may be the inputs' own by a link. */
export async function identityOf(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true }).catch(() => null);
  return stats === null ? path : `${stats.dev}:${stats.ino}`;
}

/** What a frame is painted with, as it is asked for. */
export function sharedOf({ style, layerStyles, masks }: Omit<PlannedFrame, "isThere">): SharedPicturesOf<PictureRef> {
  const { region, source, protect } = masks;
  const ref = ({ name, sha256 }: InputFile): PictureRef => ({ name, sha256 });
  return {
    styles: [
      {
        picture: ref(style),
        weight: 1,
        ...(region && { region: ref(region) }),
        ...(source && { source: ref(source) }),
      },
      ...layerStyles.map(({ file, layers }) => ({ picture: ref(file), weight: 1, layers })),
    ],
    ...(protect && { protect: ref(protect) }),
  };
}

async function holds(frame: Omit<PlannedFrame, "isThere">, settings: Settings): Promise<boolean> {
  const { out, content } = frame;
  const bytes = await readFile(out).catch(() => null);
  const recipe = bytes === null ? null : readRecipe(bytes);
  if (recipe === null || recipe.stopped || recipe.follows || recipe.changes.length > 0) return false;
  const { content: painted, styles, protect } = recipe.inputs;
  const hashes = (shared: SharedPicturesOf<PictureRef>) => mapShared(shared, ({ sha256 }: PictureRef) => sha256);
  const sameInputs =
    painted.sha256 === content.sha256 &&
    isDeepStrictEqual(hashes({ styles, ...(protect && { protect }) }), hashes(sharedOf(frame)));
  return sameInputs && JSON.stringify(recipe.settings) === JSON.stringify(settings);
}

export function stemOf({ name }: Pick<InputFile, "name">): string {
  return basename(name, extname(name));
}

/** Not yet taken, and taken from now on; some disks know no case, and accents in one form. */
export function uniqueName(stem: string, taken: Set<string>): string {
  for (let n = 1; ; n++) {
    const end = n === 1 ? ".png" : `-${n}.png`;
    const name = `${shortened(stem, MAX_FILE_NAME_BYTES - end.length)}${end}`;
    const key = name.normalize().toLowerCase();
    if (taken.has(key)) continue;
    taken.add(key);
    return name;
  }
}

/** Whole letters, as far as they go. */
function shortened(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let kept = "";
  for (const letter of text) {
    if (Buffer.byteLength(kept + letter) > maxBytes) break;
    kept += letter;
  }
  return kept;
}

export function contactSheetPath(folder: string): string {
  return join(folder, "contact-sheet.png");
}
