// Runs a batch: through the companion if one runs, else in a child of this process. Results are written as they come.

import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import { makeFolder, writeFileWhole } from "../files.ts";
import { settingsOf } from "../jobs/job-settings.ts";
import { isPath, locateNetwork } from "../networks/locate.ts";
import type { Batch, BatchFrame, BatchRequest } from "../protocol/batches.ts";
import { consistencyOf, evennessWords, spreadWords } from "../protocol/consistency.ts";
import { type ErrorBody, ImpastoError, orFileProblem } from "../protocol/errors.ts";
import { isFinal } from "../protocol/job-states.ts";
import { MAX_FRAMES, MAX_NAME_LENGTH } from "../protocol/limits.ts";
import type { Settings } from "../protocol/settings.ts";
import { checkStyles } from "../protocol/settings-checks.ts";
import { settingsForMany } from "../protocol/way.ts";
import { readMasks } from "./batch-masks.ts";
import { readNotes, recipeDigest, removeNotes, writeNotes } from "./batch-notes.ts";
import {
  type BatchInputs,
  contactSheetPath,
  expand,
  type InputFile,
  type LayerStyle,
  type PlannedFrame,
  planFrames,
  readInput,
  readInputs,
  sharedOf,
  withStrength,
} from "./batch-plan.ts";
import type { CellFlags } from "./cell-flags.ts";
import { claimFolder } from "./claim-folder.ts";
import { makeContactSheet } from "./contact-sheet.ts";
import { EXIT } from "./exit-codes.ts";
import { formatSeconds } from "./format.ts";
import { watchInterrupts } from "./interrupts.ts";
import { type JobAccess, openJobAccess } from "./job-access.ts";
import type { MaskFlags } from "./mask-flags.ts";
import { type PresetFlag, presetSettings } from "./preset-flag.ts";
import { settingsAmong, withFlagNames } from "./setting-flags.ts";
import { openStatusLine } from "./status-line.ts";
import type { StyleAt } from "./style-at-flag.ts";
import { type OutputOptions, openTerminal, type Terminal } from "./terminal.ts";

export interface BatchFlags extends OutputOptions, MaskFlags, PresetFlag, CellFlags {
  out: string;
  style: string[];
  styleAt?: StyleAt[];
  contactSheet: boolean;
  force?: boolean;
}

const MOST_TOLD = 500;

interface Outcome {
  frame: PlannedFrame;
  state: "done" | "skipped" | "failed" | "left";
  error?: ErrorBody;
  notes?: readonly string[];
  styleDistance?: number;
}

export async function runBatch(patterns: string[], flags: BatchFlags): Promise<void> {
  const terminal = openTerminal(flags);
  const named = { ...(await presetSettings(flags)), ...settingsAmong({ ...flags }) };
  checkedSettings(named);
  const paths = await expand(patterns);
  // Before gigabytes are read.
  if (paths.length > MAX_FRAMES) {
    throw new ImpastoError("bad-request", `A batch has at most ${MAX_FRAMES} pictures; these are ${paths.length}.`, {
      hint: "Give them in several runs of the command, each with a folder of its own.",
    });
  }
  const contents = await readInputs(paths);
  const styles = await readInputs(await expand(flags.style));
  const layerStyles = await readLayerStyles(flags.styleAt ?? []);
  const masksOf = await readMasks(flags, styles);
  const { inTurn = false, strengthOf: strengths = new Map() } = flags;
  const count = contents.length * (inTurn ? 1 : styles.length);
  const given = await withStoredNetwork(manyQuick(named, count, terminal), terminal);
  const settings = checkedSettings(given);
  checkStyles(settings, [{ weight: 1 }, ...layerStyles.map(({ layers }) => ({ weight: 1, layers }))]);
  makeFolder(flags.out);
  const release = await claimFolder(flags.out);
  try {
    await paintInto(
      flags,
      { contents, styles, layerStyles, masksOf, inTurn, strengths },
      { given, settings },
      terminal,
    );
  } finally {
    await release();
  }
}

async function paintInto(
  flags: BatchFlags,
  inputs: BatchInputs,
  { given, settings }: { given: Partial<Settings>; settings: Settings },
  terminal: Terminal,
): Promise<void> {
  const frames = await planFrames(inputs, flags.out, settings, flags.contactSheet);
  const outcomes = new Map<PlannedFrame, Outcome>();
  for (const frame of frames) outcomes.set(frame, beforehand(frame));

  const status = openStatusLine(process.stderr, flags.quiet ?? false);
  const abort = new AbortController();
  const interrupts = watchInterrupts(() => {
    status.end();
    terminal.note("Stopping. Run the same command again to go on.");
    abort.abort();
  });
  const access = await openJobAccess({ work: true });
  try {
    if (access.remote) terminal.detail("The running companion does the work.");
    const tell = (text: string): void => status.update(text, false);
    const missing = frames.filter((frame) => outcomes.get(frame)?.state === "left");
    for (const group of alike(missing)) {
      if (abort.signal.aborted) continue;
      const wanted = await sendPictures(access, group, outcomes, group.length === frames.length);
      const [first] = wanted;
      if (first === undefined) continue;
      const request = requestOf(wanted, first, given);
      await runFrames({
        access,
        request,
        wanted,
        outcomes,
        folder: flags.out,
        force: flags.force ?? false,
        signal: abort.signal,
        tell,
        note: (text) => terminal.note(text),
      });
    }
  } finally {
    status.end();
    interrupts.release();
    await access.close();
  }
  const all = [...outcomes.values()];
  if (all.every(({ state }) => state === "done" || state === "skipped")) await removeNotes(flags.out);
  const sheet = flags.contactSheet ? await writeContactSheet(flags, inputs, all) : null;
  report(all, sheet, terminal);
  if (interrupts.interrupted) process.exitCode = EXIT.interrupted;
  else if (all.some(({ state }) => state === "failed" || state === "left")) process.exitCode = EXIT.failed;
}

/** So many pictures are not worth a minute each, unless that is asked for. */
function manyQuick(named: Partial<Settings>, count: number, terminal: Terminal): Partial<Settings> {
  const settings = settingsForMany(named, count);
  if (settings !== named) {
    terminal.note(
      `${count} pictures are painted quick, in seconds each; --quality standard takes longer and looks better.`,
    );
  }
  return settings;
}

/** Before the pictures are read: what every frame would fail with. */
function checkedSettings(given: Partial<Settings>): Settings {
  try {
    return settingsOf(given, false);
  } catch (error) {
    throw withFlagNames(error);
  }
}

/** Jobs know networks by name, and may be taken up long after this command has ended: a file is kept in the cache. */
async function withStoredNetwork(given: Partial<Settings>, terminal: Terminal): Promise<Partial<Settings>> {
  if (given.network === undefined || !isPath(given.network)) return given;
  const { path } = await locateNetwork(given.network, settingsOf(given, false).quality, { allowPath: true });
  const { adoptNetworkFile } = await import("../networks/import-file.ts");
  const network = await adoptNetworkFile(path);
  terminal.note(`${given.network} is kept as ${network}; to free its space later: impasto networks remove ${network}`);
  return { ...given, network };
}

async function readLayerStyles(styleAt: readonly StyleAt[]): Promise<LayerStyle[]> {
  const styles: LayerStyle[] = [];
  for (const { path, layers } of styleAt) {
    const { bytes: _, ...file } = await readInput(path);
    styles.push({ file, layers });
  }
  return styles;
}

function beforehand(frame: PlannedFrame): Outcome {
  const { content, style, masks } = frame;
  const error = content.problem ?? style.problem ?? masks.protect?.problem;
  if (error !== undefined) return { frame, state: "failed", error };
  return { frame, state: frame.isThere ? "skipped" : "left" };
}

/** Frames that differ in their contents alone, together: each of these is a batch of the companion's. */
function alike(frames: readonly PlannedFrame[]): PlannedFrame[][] {
  const groups = new Map<string, PlannedFrame[]>();
  for (const frame of frames) {
    const { region, source, protect } = frame.masks;
    const key = JSON.stringify([frame.style.path, region?.path, source?.path, protect?.path, frame.strength]);
    groups.set(key, [...(groups.get(key) ?? []), frame]);
  }
  return [...groups.values()];
}

/**
 * Sends styles, masks and contents. A content that is refused costs its own frame only, what the frames share all of
 * them. Returns the others.
 * @throws ImpastoError where what is refused is shared by all there are
 */
async function sendPictures(
  access: JobAccess,
  frames: readonly PlannedFrame[],
  outcomes: Map<PlannedFrame, Outcome>,
  areAll: boolean,
): Promise<PlannedFrame[]> {
  const [first] = frames;
  const { style, layerStyles = [], masks = {} } = first ?? {};
  for (const shared of [style, ...layerStyles.map(({ file }) => file), ...Object.values(masks)]) {
    if (shared === undefined) continue;
    const refused = await refusalOf(access, shared);
    if (refused === null) continue;
    const named = new ImpastoError(refused.code, `${shared.name}: ${refused.message}`, { hint: refused.hint });
    if (areAll) throw named;
    for (const frame of frames) outcomes.set(frame, { frame, state: "failed", error: named.toBody() });
    return [];
  }
  const sent: PlannedFrame[] = [];
  for (const frame of frames) {
    const refused = await refusalOf(access, frame.content);
    if (refused === null) sent.push(frame);
    else outcomes.set(frame, { frame, state: "failed", error: refused.toBody() });
  }
  return sent;
}

/** Sends one; null where it was taken. @throws what is not about the file */
function refusalOf(access: JobAccess, { path, name, sha256 }: InputFile): Promise<ImpastoError | null> {
  return orFileProblem(async () => {
    const now = await readInput(path);
    if (now.sha256 !== sha256) {
      throw new ImpastoError("bad-picture", `${name} was changed while the batch began.`, {
        hint: "Run the same command again when it is complete.",
      });
    }
    await access.upload(now.bytes);
    return null;
  });
}

function requestOf(
  wanted: readonly PlannedFrame[],
  first: PlannedFrame,
  settings: BatchRequest["settings"],
): BatchRequest {
  return {
    name: `${wanted.length} × ${first.style.name}`.slice(0, MAX_NAME_LENGTH),
    ...sharedOf(first),
    settings: withStrength(settings, first),
    contents: wanted.map(({ content: { name, sha256 } }) => ({ name, sha256 })),
  };
}

async function runFrames(run: {
  access: JobAccess;
  request: BatchRequest;
  wanted: readonly PlannedFrame[];
  outcomes: Map<PlannedFrame, Outcome>;
  folder: string;
  force: boolean;
  signal: AbortSignal;
  tell: (text: string) => void;
  note: (text: string) => void;
}): Promise<void> {
  const { access, wanted, outcomes, signal } = run;
  const queued = access.remote ? [] : await access.list({ state: "queued", limit: MOST_TOLD });
  const batch = await takeUp(access, run.request, run.folder);
  const earlier = queued.filter((job) => job.batch?.id !== batch.id).length;
  if (earlier > 0) run.note(earlierWords(earlier));
  const framesOf = (sha256: string) => wanted.filter(({ content }) => content.sha256 === sha256);
  const saving = new Map<string, Promise<void>>();

  function settle(frame: BatchFrame): void {
    const planned = framesOf(frame.content.sha256);
    if (frame.state === "failed" || frame.state === "cancelled" || frame.state === "skipped") {
      const error = frame.error ?? { code: "cancelled" as const, message: `The frame was ${frame.state}.` };
      for (const each of planned) outcomes.set(each, { frame: each, state: "failed", error });
    }
    if (frame.state !== "done" || saving.has(frame.job) || planned.length === 0) return;
    saving.set(frame.job, save(access, frame, planned, run.force, outcomes));
  }

  await access.followBatch(
    batch.id,
    (event) => {
      if (event.type === "frame") settle(event.frame);
      else run.tell(wordsOf(event.batch));
    },
    signal,
  );
  if (!signal.aborted || access.remote) {
    if (signal.aborted) await access.changeBatch(batch.id, { action: "pause" }).catch(() => undefined);
    for (const frame of (await access.getBatch(batch.id)).frames) if (isFinal(frame.state)) settle(frame);
  }
  // Also those that were done just before Ctrl-C: nobody else will write them.
  await Promise.all(saving.values());
}

/** The batch that an earlier run of the same command left, or a new one. */
async function takeUp(access: JobAccess, request: BatchRequest, folder: string): Promise<Batch> {
  const notes = await readNotes(folder);
  const digest = recipeDigest(request);
  for (const note of notes.batches.filter((candidate) => candidate.digest === digest)) {
    const batch = await access.getBatch(note.id).catch(() => null);
    if (batch === null || !request.contents.every((content) => hasFrame(batch, content.sha256))) continue;
    if (batch.state === "paused") await access.changeBatch(batch.id, { action: "resume" });
    const again = batch.frames.some(({ state }) => state === "failed" || state === "cancelled" || state === "skipped");
    if (again) await access.changeBatch(batch.id, { action: "retry" });
    return await access.getBatch(batch.id);
  }
  const batch = await access.submitBatch(request, randomBytes(16).toString("hex"));
  const others = notes.batches.filter((note) => note.digest !== digest);
  await writeNotes(folder, { version: 1, batches: [...others, { id: batch.id, digest }] });
  return batch;
}

function hasFrame({ frames }: Batch, sha256: string): boolean {
  return frames.some(({ content }) => content.sha256 === sha256);
}

async function save(
  access: JobAccess,
  { job, result }: BatchFrame,
  planned: readonly PlannedFrame[],
  force: boolean,
  outcomes: Map<PlannedFrame, Outcome>,
): Promise<void> {
  try {
    const bytes = await access.result(job);
    const { notes, styleDistance } = result ?? {};
    const known = { ...(notes && { notes }), ...(styleDistance !== undefined && { styleDistance }) };
    for (const frame of planned) {
      await writeFileWhole(frame.out, bytes, { force });
      outcomes.set(frame, { frame, state: "done", ...known });
    }
  } catch (error) {
    if (!(error instanceof ImpastoError)) throw error;
    for (const frame of planned) outcomes.set(frame, { frame, state: "failed", error: error.toBody() });
  }
}

/** Without a companion the queue goes on with what a killed command left in it. */
function earlierWords(count: number): string {
  const pictures = count === 1 ? "1 picture" : `${count === MOST_TOLD ? "Hundreds of" : count} pictures`;
  return `${pictures} that an earlier command left unpainted come first. To drop them: Ctrl-C, impasto jobs cancel --all, and this command again.`;
}

function wordsOf({ counts, secondsLeft }: Pick<Batch, "counts" | "secondsLeft">): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const parts = [`${counts.done} of ${total} done`];
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  if (secondsLeft !== null && secondsLeft > 0) parts.push(`${formatSeconds(secondsLeft)} left`);
  return parts.join(", ");
}

async function writeContactSheet(
  { out, force = false }: BatchFlags,
  { contents, styles }: BatchInputs,
  outcomes: readonly Outcome[],
): Promise<string | null> {
  const there = outcomes.filter(({ state }) => state === "done" || state === "skipped");
  if (there.length === 0) return null;
  const rows = contents.map((content) =>
    styles.map(
      (style) => there.find(({ frame }) => frame.content === content && frame.style === style)?.frame.out ?? null,
    ),
  );
  const path = contactSheetPath(out);
  await writeFileWhole(path, await makeContactSheet(rows), { force });
  return path;
}

function report(outcomes: readonly Outcome[], contactSheet: string | null, terminal: Terminal): void {
  const count = (state: Outcome["state"]): number => outcomes.filter((outcome) => outcome.state === state).length;
  for (const { frame, error } of outcomes) {
    if (error === undefined) continue;
    terminal.note(`${basename(frame.out)}: ${[error.message, error.hint].filter(Boolean).join(" ")}`);
  }
  for (const [note, [first = "", ...others]] of notesOf(outcomes)) {
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    terminal.note(`${first}${more}: ${note}`);
  }
  const parts = [`${count("done")} done`];
  if (count("skipped") > 0) parts.push(`${count("skipped")} there already`);
  if (count("failed") > 0) parts.push(`${count("failed")} failed`);
  if (count("left") > 0) parts.push(`${count("left")} left`);
  const evenness = consistencies(outcomes);
  for (const { words } of evenness) terminal.note(words);
  terminal.done(`${parts.join(", ")}.${contactSheet === null ? "" : ` Overview: ${contactSheet}`}`);
  terminal.json({
    done: count("done"),
    skipped: count("skipped"),
    failed: count("failed"),
    left: count("left"),
    contactSheet,
    consistency: evenness.map(({ words: _, ...figures }) => figures),
    results: outcomes.map(({ frame, state, error, notes, styleDistance }) => ({
      content: frame.content.path,
      style: frame.style.path,
      out: frame.out,
      state,
      ...(error !== undefined && { error }),
      ...(frame.strength !== null && { strength: frame.strength }),
      ...(notes !== undefined && { notes }),
      ...(styleDistance !== undefined && { styleDistance }),
    })),
  });
}

/** Of each style, how evenly the results of this run carry it. */
function consistencies(outcomes: readonly Outcome[]) {
  const styles = [...new Set(outcomes.map(({ frame }) => frame.style))];
  return styles.flatMap((style) => {
    const painted = outcomes.filter(({ frame }) => frame.style === style);
    const found = consistencyOf(painted.map(({ styleDistance }) => styleDistance));
    if (found === null) return [];
    const oddest = basename(painted[found.oddest]?.frame.out ?? "");
    const words = `${styles.length > 1 ? `${style.name}: ` : ""}${evennessWords(found)} (${spreadWords(found)}); ${oddest} differs most.`;
    return [{ style: style.path, ...found, oddest, words }];
  });
}

/** What a person should know, each with the results that it was said of: many may share a style of several pages. */
function notesOf(outcomes: readonly Outcome[]): Map<string, string[]> {
  const named = new Map<string, string[]>();
  for (const { frame, notes = [] } of outcomes) {
    for (const note of notes) named.set(note, [...(named.get(note) ?? []), basename(frame.out)]);
  }
  return named;
}
