// One attempt at one job, inside the engine child: decodes the pictures, runs the engine, leaves checkpoints and
// previews behind, and ends with a PNG that carries its recipe.

import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { encodeResult } from "../jobs/result-png.ts";
import { sharp } from "../pictures/codec.ts";
import { type DecodedPicture, requireUsable } from "../pictures/decode.ts";
import { readPictures } from "../pictures/read-pictures.ts";
import type { Picture, StylizeResult } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { Progress } from "../protocol/progress.ts";
import type { Recipe, SettingsChange } from "../protocol/recipe.ts";
import type { PictureRole } from "../protocol/request.ts";
import type { Settings } from "../protocol/settings.ts";
import { createDurably, temporaryPath } from "../storage/durable-file.ts";
import { type FileSystem, storageError } from "../storage/file-system.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint-file.ts";
import type { ChildEngine, ChildRun, RunFiles } from "./child-engine.ts";
import { DecodedPictures } from "./decoded-pictures.ts";
import { memoryBudget } from "./memory-budget.ts";
import type { FromChild, PictureFile, RunOrder } from "./messages.ts";
import { startPainting } from "./painting.ts";
import { planInput } from "./plan-input.ts";

const CHECKPOINT_EVERY_MS = 10_000;
const CHECKPOINT_EVERY_ITERATIONS = 50;
/** Large states take their time on slow disks: at most this share of the run goes into them. */
const CHECKPOINT_SHARE = 0.1;
/** Of the free space; a checkpoint is not worth a full disk. */
const CHECKPOINT_DISK_SHARE = 0.25;
const PREVIEW_EVERY_MS = 1_000;
const PREVIEW_JPEG_QUALITY = 85;

export class ChildJob {
  readonly #order: RunOrder;
  readonly #engine: ChildEngine;
  readonly #fileSystem: FileSystem;
  readonly #send: (message: FromChild) => void;
  readonly #pictures: DecodedPictures;
  readonly #abort = new AbortController();
  readonly #changes: SettingsChange[];
  readonly #toRepeat: SettingsChange[];
  #stopWanted: boolean;
  #pauseWanted = false;
  #run: ChildRun | null = null;
  #progress: Progress | null = null;
  #checkpoint: Promise<void> | null = null;
  #checkpointAt = performance.now();
  #checkpointIteration = 0;
  #checkpointMs = 0;
  #previewing = false;
  #previewAt = Number.NEGATIVE_INFINITY;
  /** Of the content, pixels per inch. */
  #density: number | null = null;
  /** What a person should know of the pictures: only the first page was taken, and the like. */
  readonly #notes = new Set<string>();
  /** The style, where it is the only one. */
  #style: Picture | null = null;

  /** `pictures`: those of jobs before this one, where there were some. */
  constructor(
    order: RunOrder,
    engine: ChildEngine,
    fileSystem: FileSystem,
    send: (message: FromChild) => void,
    pictures = new DecodedPictures(fileSystem),
  ) {
    this.#order = order;
    this.#engine = engine;
    this.#fileSystem = fileSystem;
    this.#send = send;
    this.#pictures = pictures;
    this.#changes = [...order.changes];
    this.#toRepeat = [...(order.repeat?.changes ?? [])];
    this.#stopWanted = order.stop;
  }

  get id(): string {
    return this.#order.job;
  }

  get #settings(): Settings {
    return { ...this.#order.request.settings, ...this.#order.overrides };
  }

  /** Says exactly one of finished, released, failed at its end; never rejects. */
  async work(): Promise<void> {
    const { job, attempt } = this.#order;
    try {
      const { result, recipe } = await this.#paint();
      await this.#finish(result, recipe);
    } catch (error) {
      if (this.#abort.signal.aborted || this.#pauseWanted) this.#send({ type: "released", job, attempt });
      else this.#send({ type: "failed", job, attempt, error: asImpastoError(error).toBody() });
    }
  }

  update(change: SettingsChange): void {
    this.#changes.push(change);
    this.#run?.update(change.settings);
  }

  stop(): void {
    this.#stopWanted = true;
    this.#run?.stop();
  }

  cancel(): void {
    this.#abort.abort();
  }

  /** Leaves a checkpoint, then gives the run up. */
  async pause(): Promise<void> {
    if (this.#pauseWanted) return;
    this.#pauseWanted = true;
    // Or it would tell of iterations that the checkpoint does not know, and count them again after it.
    this.#run?.pause();
    await this.#checkpoint;
    await this.#makeCheckpoint();
    this.#announcePace(0);
    this.#abort.abort();
  }

  async #paint(): Promise<{ result: StylizeResult; recipe: Recipe }> {
    const { request: asked, resumeFrom, job } = this.#order;
    const stepSeconds = await this.#announceBudget();
    const {
      request: decoded,
      density,
      learned,
    } = await readPictures({ ...asked, settings: this.#settings }, (file, maxSide, role) =>
      this.#decode(file, maxSide, role),
    );
    this.#density = density;
    this.#style = decoded.styles.length === 1 ? (decoded.styles[0]?.picture ?? null) : null;
    const checkpoint = resumeFrom === undefined ? null : await readCheckpoint(this.#fileSystem, resumeFrom, job);
    const shot = await this.#readShot();
    this.#throwIfGivenUp();
    const painting = await startPainting(this.#engine, {
      asked,
      decoded,
      refOf: ({ ref }) => ref,
      ...(checkpoint !== null && { checkpoint }),
      ...filesOf(this.#order),
      ...(learned !== undefined && { learned }),
      ...(shot !== null && { shot }),
      onProgress: (progress) => this.#onProgress(progress),
      signal: this.#abort.signal,
    });
    const { run } = painting;
    this.#run = run;
    if (this.#changes.length > 0) run.update(merged(this.#changes));
    if (this.#stopWanted) run.stop();
    if (this.#pauseWanted) this.#abort.abort();
    this.#announcePace(stepSeconds);
    try {
      return await painting.finish(this.#changes);
    } finally {
      this.#announcePace(null);
    }
  }

  /** Null where it is no frame of an animation; nothing is in it where there is none before it. */
  async #readShot(): Promise<Uint8Array | null> {
    const { shot } = this.#order;
    if (shot === undefined) return null;
    return (await readCheckpoint(this.#fileSystem, shot.path, shot.batch)) ?? new Uint8Array();
  }

  /** Before its result counts: a frame that is done twice goes on with itself. */
  async #leaveShot({ shot: left }: StylizeResult): Promise<void> {
    const { shot } = this.#order;
    if (shot === undefined || left === undefined) return;
    try {
      await writeCheckpoint(this.#fileSystem, shot.path, shot.batch, left.state);
    } catch (error) {
      throw storageError(error, "the frame's state");
    }
  }

  #announcePace(stepSeconds: number | null): void {
    const { job, attempt } = this.#order;
    this.#send({ type: "pace", job, attempt, stepSeconds });
  }

  /** Tells what its longest step should take, s. A run that cannot be planned says why when it begins. */
  async #announceBudget(): Promise<number> {
    const { job, attempt, request } = this.#order;
    const restingBytes = process.memoryUsage.rss();
    try {
      const sizes = await planInput({ ...request, settings: this.#settings }, this.#fileSystem);
      const plan = await this.#engine.plan(sizes, filesOf(this.#order));
      this.#send({ type: "budget", job, attempt, budget: memoryBudget(plan, restingBytes) });
      return Math.max(0, ...plan.scales.map(({ secondsPerIteration }) => secondsPerIteration));
    } catch {
      return 0;
    }
  }

  async #decode(file: PictureFile, maxSide: number, role: PictureRole): Promise<DecodedPicture> {
    this.#throwIfGivenUp();
    const { name } = file;
    const decoded = await this.#pictures.read(file, maxSide, role);
    requireUsable(decoded, name, role);
    for (const note of decoded.notes) this.#notes.add(`${name} ${note}.`);
    return decoded;
  }

  #throwIfGivenUp(): void {
    if (this.#abort.signal.aborted || this.#pauseWanted) throw new ImpastoError("cancelled", "The run was given up.");
  }

  #onProgress(progress: Progress): void {
    const { job, attempt } = this.#order;
    this.#progress = progress;
    this.#repeat(progress);
    this.#send({ type: "progress", job, attempt, progress });
    if (this.#checkpointIsDue(progress)) void this.#makeCheckpoint();
    if (!this.#previewing && performance.now() - this.#previewAt >= PREVIEW_EVERY_MS) void this.#makePreview();
  }

  /** Changes, and the end by hand, come where they came in the run that is repeated. */
  #repeat({ totalIteration }: Progress): void {
    const due = this.#toRepeat.findIndex(({ iteration }) => iteration > totalIteration);
    for (const change of this.#toRepeat.splice(0, due < 0 ? this.#toRepeat.length : due)) this.update(change);
    const stopAt = this.#order.repeat?.stopAt ?? null;
    if (stopAt !== null && totalIteration >= stopAt) this.stop();
  }

  #checkpointIsDue({ totalIteration }: Progress): boolean {
    if (this.#checkpoint !== null || this.#pauseWanted) return false;
    // Progress within an iteration: the state is the one that was kept.
    if (totalIteration === this.#checkpointIteration) return false;
    const elapsedMs = performance.now() - this.#checkpointAt;
    if (elapsedMs < this.#checkpointMs / CHECKPOINT_SHARE) return false;
    return (
      elapsedMs >= CHECKPOINT_EVERY_MS || totalIteration - this.#checkpointIteration >= CHECKPOINT_EVERY_ITERATIONS
    );
  }

  /** A failure is no reason to end the run: it only makes a crash dearer. */
  #makeCheckpoint(): Promise<void> {
    const { job, attempt, checkpointPath } = this.#order;
    const begun = performance.now();
    const progress = this.#progress;
    const making = (async () => {
      try {
        const state = await this.#run?.checkpoint();
        if (state === null || state === undefined) return;
        // The engine has answered; the rest of a pause is the disk's affair.
        if (this.#pauseWanted) this.#announcePace(null);
        const space = await this.#fileSystem.freeSpace(dirname(checkpointPath));
        if (space !== null && space.freeBytes * CHECKPOINT_DISK_SHARE < state.length) return;
        await writeCheckpoint(this.#fileSystem, checkpointPath, job, state);
        if (progress !== null) this.#send({ type: "checkpoint", job, attempt, progress });
      } catch (error) {
        console.error(`checkpoint of ${job}: ${error instanceof Error ? error.message : error}`);
      } finally {
        this.#checkpoint = null;
        this.#checkpointAt = performance.now();
        this.#checkpointMs = this.#checkpointAt - begun;
        this.#checkpointIteration = progress?.totalIteration ?? 0;
      }
    })();
    this.#checkpoint = making;
    return making;
  }

  async #makePreview(): Promise<void> {
    const { job, attempt, temporaryFolder } = this.#order;
    this.#previewing = true;
    try {
      const preview = await this.#run?.preview();
      if (preview === null || preview === undefined) return;
      const { width, height, rgb } = preview;
      const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
        .jpeg({ quality: PREVIEW_JPEG_QUALITY })
        .toBuffer();
      const path = temporaryPath(temporaryFolder);
      await createDurably(this.#fileSystem, path, [jpeg]);
      this.#send({ type: "preview", job, attempt, path, width, height });
    } catch {
      // The next one may succeed; nothing depends on a preview.
    } finally {
      this.#previewing = false;
      this.#previewAt = performance.now();
    }
  }

  /** A result counts without it. */
  async #measure(picture: Picture): Promise<number | null> {
    if (this.#order.measure !== true || this.#style === null) return null;
    return await this.#engine.styleDistance(picture, this.#style).catch(() => null);
  }

  async #finish(result: StylizeResult, recipe: Recipe): Promise<void> {
    const { job, attempt, temporaryFolder } = this.#order;
    await this.#leaveShot(result);
    // An animation's frames end in their order: each goes on with the one before it, also after a crash.
    if (this.#order.shot === undefined) this.#send({ type: "painted", job, attempt });
    const [png, styleDistance] = await Promise.all([
      encodeResult(result.picture, recipe, this.#density),
      this.#measure(result.picture),
    ]);
    const path = temporaryPath(temporaryFolder);
    try {
      await createDurably(this.#fileSystem, path, [png]);
    } catch (error) {
      throw storageError(error, "the result");
    }
    const notes = [...this.#notes, ...(result.notes ?? [])];
    this.#send({
      type: "finished",
      job,
      attempt,
      path,
      sha256: createHash("sha256").update(png).digest("hex"),
      width: result.picture.width,
      height: result.picture.height,
      seconds: result.seconds,
      ...(result.fallback !== undefined && { fallback: result.fallback }),
      ...(notes.length > 0 && { notes }),
      ...(styleDistance !== null && { styleDistance }),
      recipe,
    });
  }
}

function filesOf({ networks, model }: RunFiles): RunFiles {
  return { ...(networks !== undefined && { networks }), ...(model !== undefined && { model }) };
}

/** Live settings after all changes. */
export function merged(changes: readonly SettingsChange[]): Partial<Settings> {
  return Object.assign({}, ...changes.map(({ settings }) => settings)) as Partial<Settings>;
}

function asImpastoError(error: unknown): ImpastoError {
  if (error instanceof ImpastoError) return error;
  return new ImpastoError("internal", "The engine failed for a reason it did not expect.", {
    hint: "Try again; `impasto doctor --report` gives a text for support.",
    cause: error,
  });
}
