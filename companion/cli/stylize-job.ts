// One picture from files to a file: what `stylize` and `demo` share. Checks everything that can be checked
// before the run starts, shows its progress, and writes the best picture even when the run is interrupted.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { checkWritable, fileName, freeBytesFor, isSameFile, nameBeside, standingAt } from "../files.ts";
import { locateModel } from "../models/locate.ts";
import { checkRequest } from "../models/model-run.ts";
import { type LocatedNetwork, locateNetwork } from "../networks/locate.ts";
import { type DecodedPicture, requireUsable } from "../pictures/decode.ts";
import { holdsAlpha, holdsSixteenBits } from "../pictures/encode.ts";
import { formatOfPath, readPictureFile, writePictureFile } from "../pictures/files.ts";
import { readPictures } from "../pictures/read-pictures.ts";
import type { Picture, StylizeResult } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { OutputFormat } from "../protocol/picture-kinds.ts";
import { type PictureRole, picturesOf, type RequestOf } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import type { Settings } from "../protocol/settings.ts";
import { checkMethod, checkStyles } from "../protocol/settings-checks.ts";
import { longSide, resultSide, wantedSide } from "../protocol/sizing.ts";
import { wayOf } from "../protocol/way.ts";
import { isStdin, isStdout, requireOneStdin } from "../standard-streams.ts";
import type { ChildRun } from "../supervisor/child-engine.ts";
import { nativeEngineOn } from "../supervisor/native-engine.ts";
import { startPainting } from "../supervisor/painting.ts";
import { formatBytes, formatSeconds } from "./format.ts";
import { watchInterrupts } from "./interrupts.ts";
import type { StyleMasks } from "./mask-flags.ts";
import { openProgressView } from "./progress.ts";
import { createSaver, inputInTheWay } from "./save-every.ts";
import { withFlagNames } from "./setting-flags.ts";
import { spareInputs } from "./spare-inputs.ts";
import type { Terminal } from "./terminal.ts";
import { openTraceFile } from "./trace-file.ts";

export interface StylizeJob extends StyleMasks {
  content: string;
  styles: string[];
  /** One for each style. */
  weights: number[];
  /** Of the styles that are for some layers alone; null where one is for all others. */
  layers?: readonly (readonly string[] | null)[];
  /** Of what stays as it was. */
  protect?: string;
  /** The first picture, for settings.init "image". */
  initial?: string;
  /** "-" is stdout. */
  out: string;
  /** Where absent: as the extension of `out` says. */
  format?: OutputFormat;
  /** Replaces files also where they are protected. */
  force: boolean;
  bitDepth: 8 | 16;
  settings: Settings;
  trace?: string;
  saveEvery?: number;
}

export interface StylizeReport {
  out: string;
  width: number;
  height: number;
  bytes: number;
  /** Of the run alone, without reading and writing files. */
  seconds: number;
  iterations: number;
  losses: StylizeResult["losses"];
  device: string;
  fallback?: string;
  /** True when Ctrl-C ended it early. */
  interrupted: boolean;
  network: { name: string; path: string };
  content: string;
  styles: { path: string; weight: number; layers?: readonly string[] }[];
  settings: Settings;
  saved: string[];
  trace?: string;
}

/** @throws ImpastoError; nothing is written then but what --save-every and --trace had already */
export async function runStylizeJob(job: StylizeJob, terminal: Terminal, quiet: boolean): Promise<StylizeReport> {
  await checkOutputs(job);
  const stoodBefore = isStdout(job.out) ? null : await standingAt(job.out);
  checkStyles(job.settings, requestOf(job).styles);
  const chosen = await chooseNetwork(job);
  const refs = new Map<string, PictureRef>();
  const { request: decoded, density, learned } = await readInputs(job, refs, terminal);
  if (learned !== undefined && wayOf(job.settings) !== "quick") {
    const name = fileName(job.styles[learned.findIndex(({ bytes }) => bytes !== null)] ?? "");
    terminal.note(`${name} is a learned style: --quality quick paints with what was learned.`);
  }
  // Not before it is known that there will be a run.
  if ("note" in chosen && chosen.note !== undefined) terminal.note(chosen.note);
  terminal.detail(`network ${chosen.name}: ${chosen.path}`);
  const trace = job.trace === undefined ? undefined : await openTraceFile(job.trace);
  const view = openProgressView(process.stderr, quiet);
  const saver = job.saveEvery === undefined ? undefined : await createSaver(job, job.saveEvery, terminal, density);
  let run: ChildRun | undefined;
  const interrupts = watchInterrupts(() => {
    view.end();
    terminal.note("Ending with the best picture so far. Ctrl-C again ends at once, without one.");
    run?.stop();
  });
  try {
    const engine = nativeEngineOn(async () => chosen);
    const painting = await startPainting(engine, {
      asked: requestOf(job),
      decoded,
      ...(learned !== undefined && { learned }),
      refOf: (path) => refs.get(path) as PictureRef,
      onProgress: (progress) => view.update(progress),
      // Ctrl-C stops a run, it cancels none.
      signal: new AbortController().signal,
      ...(trace && { onTrace: (records) => trace.write(records) }),
      ...(saver && { snapshots: saver }),
    });
    run = painting.run;
    if (interrupts.interrupted) run.stop();
    const { result, recipe } = await painting.finish([]);
    view.end();
    const saved = (await saver?.saved()) ?? [];
    if (result.fallback !== undefined) terminal.note(result.fallback);
    for (const note of result.notes ?? []) terminal.note(note);
    const out = await placeFor(job.out, stoodBefore, terminal);
    const placed = { ...job, out };
    const size = await writeOrRescue(placed, result.picture, density, JSON.stringify(recipe));
    await trace?.close();
    return report(placed, result, chosen, size, interrupts.interrupted, saved);
  } catch (error) {
    throw withFlagNames(error);
  } finally {
    view.end();
    interrupts.release();
    // Where the run failed, its own error is the one to tell.
    await trace?.close().catch(() => {});
  }
}

/** What does the work; a model and its pictures are checked before anything is read. */
async function chooseNetwork(job: StylizeJob): Promise<LocatedNetwork> {
  const { network, quality, model } = job.settings;
  if (model === null) return await locateNetwork(network, quality, { allowPath: true });
  checkMethod(job.settings);
  const located = await locateModel(model);
  checkRequest(located, requestOf(job));
  if (job.saveEvery !== undefined || job.trace !== undefined) {
    throw new ImpastoError("bad-request", "A model paints in one pass: there are no iterations to save or to trace.", {
      hint: "Leave out --save-every and --trace.",
    });
  }
  return { name: model, path: located.files.main };
}

/** A result that another program put there meanwhile, as the same command in another window, is not lost to this one. */
async function placeFor(out: string, stoodBefore: string | null, terminal: Terminal): Promise<string> {
  if (isStdout(out) || (await standingAt(out)) === stoodBefore) return out;
  const beside = await nameBeside(out);
  terminal.note(`${out} was written by another program meanwhile and is left as it is: this picture is ${beside}.`);
  return beside;
}

/** Where the result cannot go to its place after all, it goes to the system's temporary folder before the error. */
async function writeOrRescue(
  job: StylizeJob,
  picture: Picture,
  density: number | null,
  recipe: string,
): Promise<number> {
  const { out, force, bitDepth } = job;
  const format = formatOf(job);
  try {
    return await writePictureFile(out, picture, { format, force, bitDepth, density, recipe });
  } catch (error) {
    if (!(error instanceof ImpastoError)) throw error;
    const refuge = join(await mkdtemp(join(tmpdir(), "impasto-")), isStdout(out) ? `stdout.${format}` : basename(out));
    const rescued = await writePictureFile(refuge, picture, { format, bitDepth, density, recipe }).then(
      () => true,
      () => false,
    );
    if (!rescued) throw error;
    throw new ImpastoError(error.code, error.message, { hint: `The picture is at ${refuge} instead.`, cause: error });
  }
}

function report(
  job: StylizeJob,
  { picture, seconds, iterations, losses, device, fallback }: StylizeResult,
  { name, path }: { name: string; path: string },
  bytes: number,
  interrupted: boolean,
  saved: string[],
): StylizeReport {
  return {
    out: job.out,
    width: picture.width,
    height: picture.height,
    bytes,
    seconds,
    iterations,
    losses,
    device,
    ...(fallback === undefined ? {} : { fallback }),
    interrupted,
    network: { name, path },
    content: job.content,
    styles: requestOf(job).styles.map(({ picture: path, weight, layers }) => ({
      path,
      weight,
      ...(layers !== undefined && { layers }),
    })),
    settings: job.settings,
    saved,
    ...(job.trace === undefined ? {} : { trace: job.trace }),
  };
}

/** "out.png: 512 × 384 px, 380 kB. 280 iterations in 42 s on cpu." */
export function summarize({ out, width, height, bytes, seconds, iterations, device, settings }: StylizeReport): string {
  const one = settings.model === null ? "iteration" : "window";
  const work = `${iterations} ${iterations === 1 ? one : `${one}s`} in ${formatSeconds(seconds)} on ${device}`;
  return `${isStdout(out) ? "stdout" : out}: ${width} × ${height} px, ${formatBytes(bytes)}. ${work}.`;
}

function formatOf({ out, format }: StylizeJob): OutputFormat {
  return format ?? formatOfPath(out);
}

/** ".jpg", or what goes to stdout. */
function formatName(job: StylizeJob): string {
  return isStdout(job.out) ? formatOf(job).toUpperCase() : extname(job.out);
}

async function checkOutputs(job: StylizeJob): Promise<void> {
  const { out, bitDepth, trace, saveEvery } = job;
  const format = formatOf(job);
  if (bitDepth === 16 && !holdsSixteenBits(format)) {
    throw new ImpastoError("bad-request", `${formatName(job)} holds 8 bits a channel, not 16.`, {
      hint: "Write to .png or .tif for 16 bits.",
    });
  }
  const inputs = picturesOf<string>(requestOf(job)).map(({ picture }) => picture);
  requireOneStdin(inputs);
  const files = inputs.filter((input) => !isStdin(input));
  await spareInputs([...(isStdout(out) ? [] : [out]), ...(trace === undefined ? [] : [trace])], files);
  if (isStdout(out)) {
    if (saveEvery === undefined) return;
    throw new ImpastoError("bad-request", "--save-every saves beside the result, and stdout has no beside.", {
      hint: "Write the result to a file: -o out.png.",
    });
  }
  const lost = saveEvery === undefined ? undefined : await inputInTheWay(files, out, saveEvery);
  if (lost !== undefined) {
    throw new ImpastoError("bad-request", `${lost} is one of the inputs and would be lost to --save-every.`, {
      hint: "Choose another name for the result.",
    });
  }
  if (trace !== undefined && (await isSameFile(out, trace))) {
    throw new ImpastoError("bad-request", "The result and the trace would be one file.");
  }
}

/** `refs`: what the recipe calls each file, and `stylize --recipe` looks for. */
async function readInputs(job: StylizeJob, refs: Map<string, PictureRef>, terminal: Terminal) {
  const read = async (path: string, maxSide: number, role: PictureRole) => {
    const name = fileName(path);
    const { sha256, ...decoded } = await readPictureFile(path, { maxSide });
    requireUsable(decoded, name, role);
    refs.set(path, { sha256, name });
    for (const note of decoded.notes) terminal.note(`${name} ${note}.`);
    terminal.detail(
      `${name}: ${decoded.sourceWidth} × ${decoded.sourceHeight} px, ${decoded.bitDepth} bits, ` +
        `read at ${decoded.picture.width} × ${decoded.picture.height}`,
    );
    return decoded;
  };
  let isFirst = true;
  return await readPictures(requestOf(job), async (path: string, maxSide, role) => {
    const decoded = await read(path, maxSide, role);
    if (isFirst) await lookAtContent(job, decoded, terminal);
    isFirst = false;
    return decoded;
  });
}

function requestOf(job: StylizeJob): RequestOf<string> {
  const { content, styles, weights, layers, regions, sources, protect, initial, settings } = job;
  return {
    content,
    styles: styles.map((picture, i) => {
      const region = regions?.[i] ?? null;
      const source = sources?.[i] ?? null;
      const own = layers?.[i] ?? null;
      return {
        picture,
        weight: weights[i] ?? 1,
        ...(own !== null && { layers: own }),
        ...(region !== null && { region }),
        ...(source !== null && { source }),
      };
    }),
    ...(protect !== undefined && { protect }),
    ...(initial !== undefined && { initial }),
    settings,
  };
}

/** What can be told before the styles are read. */
async function lookAtContent(job: StylizeJob, content: DecodedPicture, terminal: Terminal): Promise<void> {
  const { settings, out, force, bitDepth } = job;
  const source = { width: content.sourceWidth, height: content.sourceHeight };
  noteSize(job, longSide(source), wantedSide(settings), terminal);
  if (content.picture.channels === 4 && !holdsAlpha(formatOf(job))) {
    terminal.note(`${formatName(job)} holds no transparency: white stands behind the picture.`);
  }
  if (isStdout(out)) return;
  await checkWritable(out, { force });
  const free = await freeBytesFor(out);
  const most = expectedBytes(content.picture, resultSide(source, settings), bitDepth);
  // Advice: what a file system says of its free space is often wrong.
  if (free !== null && free < most) {
    terminal.note(`The disk has ${formatBytes(free)} free for ${out}, which may take ${formatBytes(most)}.`);
  }
}

/** Says when the result is larger or smaller than a person may expect. */
function noteSize({ content, settings }: StylizeJob, side: number, wanted: number, terminal: Terminal): void {
  const name = fileName(content);
  if (settings.size !== null && settings.size > side) {
    terminal.note(`${name} has ${side} px on its long side and is enlarged to ${settings.size} px, as asked.`);
  } else if (settings.size === null && wanted > side) {
    terminal.note(`${name} has ${side} px on its long side; the result has no more. --size enlarges it.`);
  }
}

/** Uncompressed: what the file takes at worst. */
function expectedBytes({ width, height, channels }: Picture, resultSide: number, bitDepth: 8 | 16): number {
  const factor = resultSide / Math.max(width, height);
  return width * height * factor ** 2 * channels * (bitDepth / 8);
}
