// Batches: one recipe, many contents. Each frame is a job of its own; the batch only keeps them together.

import type { BatchRecord } from "../ledger/batches-table.ts";
import { inputsOf, type JobRecord } from "../ledger/job-record.ts";
import type { NewJob } from "../ledger/jobs-table.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type {
  Batch,
  BatchChange,
  BatchEvent,
  BatchFrame,
  BatchRequest,
  BatchSummary,
  FrameContent,
} from "../protocol/batches.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { isFinal } from "../protocol/job-states.ts";
import type { JobRequest } from "../protocol/jobs.ts";
import { refuseSequenceMasks } from "../protocol/mask.ts";
import { sharedPicturesOf } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import type { Settings } from "../protocol/settings.ts";
import { checkSequence, checkStyles } from "../protocol/settings-checks.ts";
import { canRetry } from "./batch-events.ts";
import { settingsOf } from "./job-settings.ts";
import type { PictureStore } from "./picture-store.ts";
import { digestOf, findEarlier, newId, type SubmitKey, submitOnce } from "./submit-once.ts";
import type { BatchStep, Transitions } from "./transitions.ts";

/** What the batches need of the jobs that stand alone. */
export interface JobActions {
  wake(): void;
  /** The ledger knows already that it is to be paused. */
  pauseRunning(id: string): void;
  cancelRunning(id: string): void;
  afterRemoval(jobs: readonly JobRecord[]): Promise<void>;
}

export class Batches {
  readonly #ledger: Ledger;
  readonly #transitions: Transitions;
  readonly #pictures: PictureStore;
  readonly #actions: JobActions;

  constructor(ledger: Ledger, transitions: Transitions, pictures: PictureStore, actions: JobActions) {
    this.#ledger = ledger;
    this.#transitions = transitions;
    this.#pictures = pictures;
    this.#actions = actions;
  }

  async submit(request: BatchRequest, key: SubmitKey): Promise<{ batch: Batch; created: boolean }> {
    const settings = settingsOf(request.settings, false);
    checkStyles(settings, request.styles);
    checkCells(settings, request);
    if (request.animation === true) {
      checkSequence(settings);
      refuseSequenceMasks({ ...request, content: request.contents[0] });
    }
    const { contents, ...recipe } = request;
    const shared = sharedPicturesOf<PictureRef>(recipe).map(({ picture }) => picture);
    const hashes = [...new Set([...contents, ...shared].map(({ sha256 }) => sha256))];
    const digest = digestOf(request);
    if (findEarlier(this.#ledger, key, digest) === null) await this.#pictures.require(hashes);
    const id = newId();
    const frames = contents.map((content) => ({ content, job: newId() }));
    const { target, created } = submitOnce(this.#ledger, key, digest, id, () => {
      const { now, sequence } = this.#ledger.stamp();
      frames.forEach(({ content, job }, frame) => {
        const jobRequest = frameRequest(recipe, content);
        const newJob: NewJob = {
          id: job,
          owner: key.owner,
          request: jobRequest,
          settings: frameSettings(settings, content),
          detached: true,
          batch: { id, frame },
        };
        this.#ledger.jobs.insert(newJob, { now, sequence });
      });
      const name = request.name ?? `${contents.length} frames`;
      this.#ledger.batches.insert({ id, owner: key.owner, name, request: recipe, frames }, { now, sequence });
      this.#pictures.touch(hashes);
    });
    if (created) this.#actions.wake();
    return { batch: this.get(target), created };
  }

  list(limit: number): BatchSummary[] {
    return this.#ledger.batches.list(limit).map((batch) => this.#transitions.batchEvents.summary(batch));
  }

  get(id: string): Batch {
    return this.#transitions.batchEvents.whole(this.#find(id));
  }

  watch(id: string, after: number, listener: (event: BatchEvent) => void): () => void {
    return this.#transitions.batchEvents.watch(this.#find(id), after, listener);
  }

  async change(id: string, { action, frames: indices, strength }: BatchChange): Promise<Batch> {
    const batch = this.#find(id);
    const frames = chosenFrames(this.#ledger.batches.frames(id), indices);
    switch (action) {
      case "pause":
        this.#pause(batch, frames);
        break;
      case "resume":
        this.#resume(batch, frames);
        break;
      case "retry":
        await this.#retry(batch, indices);
        break;
      case "repaint":
        if (batch.request.animation === true) {
          throw new ImpastoError("bad-request", "An animation has the same strength in all its frames.");
        }
        if (indices === undefined || strength === undefined) {
          throw new ImpastoError("bad-request", "Say which frames to paint again, and at which strength.");
        }
        await this.#retry(batch, indices, strength);
        break;
      case "skip":
        if (indices === undefined) throw new ImpastoError("bad-request", "Say which frames to skip.");
        this.#skip(batch, frames);
        break;
    }
    return this.get(id);
  }

  cancel(id: string): Batch {
    const batch = this.#find(id);
    const open = this.#ledger.batches.frames(id).filter(({ state }) => !isFinal(state));
    if (open.length === 0) return this.get(id);
    this.#transitions.cancelAll(jobsOf(open), this.#becomes(batch, "cancelled"));
    for (const { job } of open) this.#actions.cancelRunning(job);
    return this.get(id);
  }

  async remove(id: string): Promise<void> {
    this.cancel(id);
    const jobs = this.#ledger.jobs.ofBatch(id);
    this.#ledger.transaction(() => this.#ledger.batches.remove(id), "surely");
    this.#transitions.batchEvents.forget(id);
    await this.#actions.afterRemoval(jobs);
  }

  #pause(batch: BatchRecord, frames: readonly BatchFrame[]): void {
    const open = frames.filter(({ state }) => !isFinal(state));
    if (open.length === 0) throw new ImpastoError("conflict", "There is nothing left to pause.");
    this.#transitions.pauseAll(jobsOf(open), "user", this.#becomes(batch, "paused"));
    for (const { job, state } of open) if (state === "running") this.#actions.pauseRunning(job);
  }

  #resume(batch: BatchRecord, frames: readonly BatchFrame[]): void {
    const waiting = frames.filter(({ state }) => state === "running" || state === "paused");
    if (waiting.length > 0 || batch.state === "paused") {
      const state = batch.state === "paused" ? "running" : batch.state;
      this.#transitions.resumeAll(jobsOf(waiting), this.#becomes(batch, state));
    }
    this.#actions.wake();
  }

  /**
   * Failed, cancelled and skipped frames each get a new job; the old one stays in the ledger. With a strength of their own
   * done ones do as well.
   */
  async #retry(batch: BatchRecord, indices: BatchChange["frames"], strength?: number): Promise<void> {
    const settings = settingsOf(batch.request.settings, false);
    const failed = () =>
      chosenFrames(this.#ledger.batches.frames(batch.id), indices)
        .filter(({ state }) => canRetry(state) || (strength !== undefined && state === "done"))
        .map(({ index, content }) => ({ index, content: { ...content, ...(strength !== undefined && { strength }) } }));
    const inputs = ({ content }: { content: FrameContent }) => inputsOf(frameRequest(batch.request, content));
    await this.#pictures.require([...new Set(failed().flatMap(inputs))]);
    // Asked again: somebody else may have wanted the same while the disk was looked at.
    const wanted = failed();
    if (wanted.length === 0)
      throw new ImpastoError(
        "conflict",
        strength === undefined ? "No frame of this batch failed." : "These frames are still to be painted.",
      );
    this.#ledger.transaction(() => {
      wanted.forEach(({ index, content }) => {
        const stamp = this.#ledger.stamp();
        const job = newId();
        const { owner } = batch;
        this.#ledger.jobs.insert(
          {
            ...{ id: job, owner, detached: true, batch: { id: batch.id, frame: index } },
            request: frameRequest(batch.request, content),
            settings: frameSettings(settings, content),
          },
          stamp,
        );
        this.#ledger.batches.setFrameJob(batch.id, { index, content, job }, stamp);
      });
      this.#ledger.batches.setState(batch.id, "running", this.#ledger.stamp());
    });
    this.#transitions.batchEvents.changed(
      batch.id,
      wanted.map(({ index }) => index),
    );
    this.#actions.wake();
  }

  #skip(batch: BatchRecord, frames: readonly BatchFrame[]): void {
    const open = frames.filter(({ state }) => !isFinal(state));
    const skipped = frames.filter(({ state }) => state !== "done");
    this.#transitions.cancelAll(jobsOf(open), {
      id: batch.id,
      apply: () => {
        for (const { index } of skipped) this.#ledger.batches.skipFrame(batch.id, index, this.#ledger.stamp());
      },
      frames: skipped.map(({ index }) => index),
    });
    for (const { job } of open) this.#actions.cancelRunning(job);
  }

  #becomes({ id }: BatchRecord, state: BatchRecord["state"]): BatchStep {
    return { id, apply: () => this.#ledger.batches.setState(id, state, this.#ledger.stamp()) };
  }

  #find(id: string): BatchRecord {
    const batch = this.#ledger.batches.find(id);
    if (batch === undefined) throw new ImpastoError("not-found", "There is no such batch.");
    return batch;
  }
}

function jobsOf(frames: readonly BatchFrame[]): string[] {
  return frames.map(({ job }) => job);
}

function frameRequest(
  { name: _, animation: _animation, ...recipe }: Omit<BatchRequest, "contents">,
  { style, strength, ...content }: FrameContent,
): JobRequest {
  const own = style === undefined ? undefined : recipe.styles[style];
  return {
    ...recipe,
    content,
    ...(own && { styles: [own] }),
    settings: { ...recipe.settings, ...(strength !== undefined && { strength }) },
    detached: true,
  };
}

function frameSettings(settings: Settings, { strength }: FrameContent): Settings {
  return strength === undefined ? settings : { ...settings, strength };
}

/** Frames in one of the styles alone. */
function checkCells(settings: Settings, { contents, styles, animation }: BatchRequest): void {
  const chosen = [...new Set(contents.flatMap(({ style }) => (style === undefined ? [] : [style])))];
  for (const index of chosen) {
    const own = styles[index];
    if (own === undefined) {
      throw new ImpastoError(
        "bad-request",
        `A frame is to be painted in style ${index}, counted from 0, of ${styles.length}.`,
      );
    }
    checkStyles(settings, [own]);
  }
  const alone = chosen.length > 0 || contents.some(({ strength }) => strength !== undefined);
  if (animation === true && alone) {
    throw new ImpastoError("bad-request", "An animation has the same styles and strength in all its frames.");
  }
}

/** Those listed, or all. Throws "not-found" for a number that the batch does not have. */
function chosenFrames(frames: readonly BatchFrame[], indices: readonly number[] | undefined): readonly BatchFrame[] {
  if (indices === undefined) return frames;
  return [...new Set(indices)].map((index) => {
    const frame = frames[index];
    if (frame === undefined) throw new ImpastoError("not-found", `This batch has no frame ${index}.`);
    return frame;
  });
}
