// A job service in memory for tests of the HTTP face alone: it keeps what it is given and tells what it was asked.

import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { JobService, LearningDesk } from "../../../companion/job-service.ts";
import type { Batch, BatchEvent, BatchSummary } from "../../../companion/protocol/batches.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { FRAME_STATES, type FrameState, isFinal } from "../../../companion/protocol/job-states.ts";
import type { Job, JobEvent, JobRequest } from "../../../companion/protocol/jobs.ts";
import type { Learning } from "../../../companion/protocol/learnings.ts";
import type { Model } from "../../../companion/protocol/models.ts";
import type { NetworkInfo, PullEvent } from "../../../companion/protocol/networks.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import type { PictureRef } from "../../../companion/protocol/request-schema.ts";
import { parseSettings } from "../../../companion/protocol/settings.ts";

type New<E> = E extends unknown ? Omit<E, "sequence" | "time"> : never;

/** Events with sequence numbers, kept and passed on. */
function channel<E extends { sequence: number; time: number }>() {
  const kept: E[] = [];
  const listeners = new Set<(event: E) => void>();
  return {
    listeners,
    kept,
    emit(event: New<E>): void {
      const full = { ...event, sequence: kept.length + 1, time: Date.now() } as unknown as E;
      kept.push(full);
      for (const listener of listeners) listener(full);
    },
    watch(after: number, listener: (event: E) => void): () => void {
      for (const event of kept.filter(({ sequence }) => sequence > after)) listener(event);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const NETWORK: NetworkInfo = {
  name: "vgg19",
  state: "missing",
  sha256: null,
  bytes: 26_000_000,
  layers: ["relu1_1"],
  source: "a test",
  license: "MIT",
};

const MODEL: Model = {
  name: "mosaic",
  sha256: "a".repeat(64),
  styleSha256: null,
  bytes: 1,
  descriptor: {
    content: {
      layout: "nchw",
      order: "rgb",
      range: [0, 255],
      mean: [0, 0, 0],
      std: [1, 1, 1],
      tensor: "x",
      fixed: null,
      multiple: 4,
    },
    output: { layout: "nchw", order: "rgb", range: [0, 255], mean: [0, 0, 0], std: [1, 1, 1], tensor: "y" },
    style: null,
    styleTensor: null,
    controls: [],
    license: "a test",
    source: "a test",
  },
  found: ["content.range"],
  looksAtAll: false,
  bytesPerPixel: 100,
  restingBytes: 1e6,
  secondsPerPixel: 1e-6,
};

export function progressAt(iteration: number): Progress {
  const losses = { content: 1, style: 2, tv: 0, total: 3, contentLayers: { relu4_2: 1 }, styleLayers: { relu1_1: 2 } };
  return {
    phase: "optimize",
    fraction: iteration / 100,
    scale: 256,
    scaleIndex: 0,
    scaleCount: 1,
    width: 256,
    height: 192,
    iteration,
    iterations: 100,
    totalIteration: iteration,
    totalIterations: 100,
    losses,
    secondsElapsed: iteration / 10,
    secondsLeft: 10 - iteration / 10,
    device: "cpu",
  };
}

export function createFakeJobService() {
  const blobs = new Map<string, Buffer>();
  const jobs = new Map<string, Job>();
  const batches = new Map<string, Batch>();
  const channels = new Map<string, ReturnType<typeof channel<JobEvent>>>();
  const batchChannels = new Map<string, ReturnType<typeof channel<BatchEvent>>>();
  const pull = channel<PullEvent>();
  const models = new Map<string, Model>();
  let pulling = false;
  const keys = new Map<string, { request: string; id: string }>();
  const results = new Map<string, Buffer>();
  const previews = new Map<string, { sequence: number; bytes: Buffer }>();
  /** What live pictures wait for. */
  let livePicture: Promise<void> = Promise.resolve();
  /** Every call that changes something, in order. */
  const changes: string[] = [];

  function known<T>(map: Map<string, T>, id: string): T {
    const value = map.get(id);
    if (value === undefined) throw new ImpastoError("not-found", "There is no such thing.");
    return value;
  }

  function newJob(request: JobRequest, batch: Job["batch"]): Job {
    const job: Job = {
      id: randomBytes(16).toString("hex"),
      state: "queued",
      pauseReason: null,
      createdAt: Date.now(),
      startedAt: null,
      finishedAt: null,
      request,
      settings: parseSettings(request.settings),
      changes: [],
      batch,
      attempts: 0,
      progress: null,
      result: null,
      recipe: null,
      error: null,
      sequence: 0,
    };
    jobs.set(job.id, job);
    channels.set(job.id, channel<JobEvent>());
    return job;
  }

  function once<T>(key: string, request: unknown, find: (id: string) => T, make: () => { id: string }): [T, boolean] {
    const text = JSON.stringify(request);
    const before = keys.get(key);
    if (before !== undefined) {
      if (before.request !== text) throw new ImpastoError("conflict", "This key was used for another request.");
      return [find(before.id), false];
    }
    const { id } = make();
    keys.set(key, { request: text, id });
    return [find(id), true];
  }

  function checkBlobs(request: Pick<JobRequest, "styles"> & { content?: PictureRef }): void {
    const pictures = request.styles.map(({ picture }) => picture);
    for (const { sha256 } of [...(request.content ? [request.content] : []), ...pictures]) {
      if (!blobs.has(sha256)) throw new ImpastoError("not-found", "A picture was not uploaded.");
    }
  }

  function summaryOf(batch: Batch): BatchSummary {
    const { request: _request, frames: _frames, ...summary } = batch;
    return summary;
  }

  const service: JobService = {
    async putBlob(sha256, stream) {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      if (createHash("sha256").update(bytes).digest("hex") !== sha256) {
        throw new ImpastoError("hash-mismatch", "The picture did not arrive whole.");
      }
      const created = !blobs.has(sha256);
      blobs.set(sha256, bytes);
      changes.push("putBlob");
      return { sha256, bytes: bytes.length, created };
    },
    hasBlob: (sha256) => blobs.has(sha256),

    async submit(request, { idempotencyKey }) {
      checkBlobs(request);
      const [job, created] = once(idempotencyKey, request, service.get, () => newJob(request, null));
      changes.push("submit");
      return { job, created };
    },
    list: ({ state, limit }) => [...jobs.values()].filter((job) => !state || job.state === state).slice(0, limit),
    get: (id) => known(jobs, id),
    async change(id, change) {
      const job = known(jobs, id);
      if (isFinal(job.state)) throw new ImpastoError("conflict", "The job is over.");
      Object.assign(job.settings, change.settings);
      if (change.action === "pause") Object.assign(job, { state: "paused", pauseReason: "user" });
      if (change.action === "resume") Object.assign(job, { state: "running", pauseReason: null });
      changes.push("change");
      return job;
    },
    async cancel(id) {
      const job = known(jobs, id);
      if (!isFinal(job.state)) {
        job.state = "cancelled";
        known(channels, id).emit({ type: "state", state: "cancelled" });
      }
      changes.push("cancel");
      return job;
    },
    async remove(id) {
      jobs.delete(id);
      changes.push("remove");
    },
    async result(id) {
      known(jobs, id);
      const bytes = results.get(id);
      if (bytes === undefined) throw new ImpastoError("conflict", "The job has no result yet.");
      return { stream: Readable.from([bytes]), bytes: bytes.length, contentType: "image/png" };
    },
    thumbnail: (id) => service.result(id),
    async preview(id, sequence) {
      known(jobs, id);
      const preview = previews.get(id);
      if (preview === undefined || preview.sequence < sequence) throw new ImpastoError("not-found", "No such preview.");
      const { bytes } = preview;
      return {
        stream: Readable.from([bytes]),
        bytes: bytes.length,
        contentType: "image/jpeg",
        sequence: preview.sequence,
      };
    },
    watch: (id, after, listener) => known(channels, id).watch(after, listener),
    clientGone: (id) => void changes.push(`gone ${id}`),
    clientBack: (id) => void changes.push(`back ${id}`),

    async plan(request) {
      checkBlobs(request);
      return {
        width: 256,
        height: 192,
        scales: [],
        peakBytes: 1e8,
        seconds: 4,
        fits: true,
        largestSize: 1024,
        device: "cpu",
      };
    },

    async live(request, { owner, signal }) {
      checkBlobs(request);
      changes.push(`live ${owner}`);
      signal.addEventListener("abort", () => changes.push(`live ${owner} given up`));
      await livePicture;
      const bytes = Buffer.from("PNG");
      return { stream: Readable.from([bytes]), bytes: bytes.length, contentType: "image/png" };
    },

    async convert(content) {
      checkBlobs({ styles: [], content });
      const bytes = Buffer.from("JPEG");
      return { stream: Readable.from([bytes]), bytes: bytes.length, contentType: "image/jpeg" };
    },

    async submitBatch(request, { idempotencyKey }) {
      checkBlobs(request);
      const [batch, created] = once(idempotencyKey, request, service.getBatch, () => {
        const id = randomBytes(16).toString("hex");
        const { contents, ...rest } = request;
        const frames = contents.map((content, index) => {
          const job = newJob(
            { content, styles: request.styles, settings: request.settings },
            { id, frame: index, done: 0 },
          );
          return { index, content, state: "queued" as FrameState, job: job.id, result: null, error: null };
        });
        const zero = Object.fromEntries(FRAME_STATES.map((state) => [state, 0])) as Batch["counts"];
        const counts = { ...zero, queued: frames.length };
        const name = request.name ?? "";
        const fresh = { id, name, state: "running" as const, createdAt: Date.now(), finishedAt: null };
        batches.set(id, { ...fresh, counts, secondsLeft: null, sequence: 0, request: rest, frames });
        batchChannels.set(id, channel<BatchEvent>());
        return { id };
      });
      changes.push("submitBatch");
      return { batch, created };
    },
    listBatches: (limit) => [...batches.values()].slice(0, limit).map(summaryOf),
    getBatch: (id) => known(batches, id),
    async changeBatch(id, { action }) {
      const batch = known(batches, id);
      if (action === "pause") batch.state = "paused";
      if (action === "resume") batch.state = "running";
      known(batchChannels, id).emit({ type: "state", batch: summaryOf(batch) });
      changes.push("changeBatch");
      return batch;
    },
    async cancelBatch(id) {
      const batch = known(batches, id);
      batch.state = "cancelled";
      known(batchChannels, id).emit({ type: "state", batch: summaryOf(batch) });
      // As in the real one, its frames follow.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { counts, frames } = batch;
      batch.counts = { ...counts, queued: 0, cancelled: frames.length };
      known(batchChannels, id).emit({ type: "state", batch: summaryOf(batch) });
      changes.push("cancelBatch");
      return batch;
    },
    async removeBatch(id) {
      batches.delete(id);
      changes.push("removeBatch");
    },
    watchBatch: (id, after, listener) => known(batchChannels, id).watch(after, listener),

    devices: async () => [{ kind: "cpu", name: "A processor", usable: true, detail: "always there" }],
    networks: async () => [NETWORK],
    async pullNetwork(name) {
      if (name !== NETWORK.name) throw new ImpastoError("network-unknown", "There is no such network.");
      pulling = true;
      changes.push("pullNetwork");
      return NETWORK;
    },
    watchPull(name, after, listener) {
      if (name !== NETWORK.name || !pulling) throw new ImpastoError("not-found", "Nothing is being downloaded.");
      return pull.watch(after, listener);
    },
    learnings: fakeLearnings(changes),
    models: async () => [...models.values()],
    async addModel({ name }, stream) {
      let bytes = 0;
      for await (const chunk of stream as AsyncIterable<Buffer>) bytes += chunk.length;
      if (models.has(name)) throw new ImpastoError("conflict", "There is a model of that name already.");
      const model = { ...MODEL, name, bytes };
      models.set(name, model);
      changes.push("addModel");
      return model;
    },
    async removeModel(name) {
      if (!models.delete(name)) throw new ImpastoError("network-unknown", "There is no such model.");
      changes.push("removeModel");
    },
    doctor: async () => ({
      versions: { impasto: "0.0.0" },
      checks: [{ name: "disk", ok: true, detail: "fine" }],
      devices: await service.devices(),
      networks: [NETWORK],
      disk: { usedBytes: 0, quotaBytes: 1, freeBytes: 1, reserveBytes: 0 },
      jobs: { queued: jobs.size },
    }),
    close: async () => undefined,
  };

  return {
    service,
    changes,
    pull,
    /** Puts a picture there without HTTP; returns its hash. */
    addBlob(bytes: Buffer): string {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      blobs.set(sha256, bytes);
      return sha256;
    },
    /** A queued job without HTTP. */
    addJob(): Job {
      const sha256 = this.addBlob(Buffer.from("a picture"));
      return newJob({ content: { sha256 }, styles: [{ picture: { sha256 }, weight: 1 }], settings: {} }, null);
    },
    emit(id: string, event: New<JobEvent>): void {
      if (event.type === "state") known(jobs, id).state = event.state;
      known(channels, id).emit(event);
    },
    listeners: (id: string) => known(channels, id).listeners.size,
    batchChannel: (id: string) => known(batchChannels, id),
    setResult: (id: string, bytes: Buffer) => results.set(id, bytes),
    setPreview: (id: string, sequence: number, bytes: Buffer) => previews.set(id, { sequence, bytes }),
    /** Live pictures wait until what this returns is called. */
    holdLive(): () => void {
      let free = (): void => undefined;
      livePicture = new Promise((resolve) => {
        free = resolve;
      });
      return free;
    },
    /** What must stay the same when nothing was changed. */
    snapshot: () => JSON.stringify([[...blobs.keys()], [...jobs.values()], [...batches.values()], changes, pulling]),
  };
}

export type FakeJobService = ReturnType<typeof createFakeJobService>;

/** Begun and never done. */
function fakeLearnings(changes: string[]): LearningDesk {
  const learnings = new Map<string, Learning>();
  const missing = async () => {
    throw new ImpastoError("not-found", "There is no file of it.");
  };
  const get = (id: string): Learning => {
    const learning = learnings.get(id);
    if (learning === undefined) throw new ImpastoError("not-found", "There is no such learned style.");
    return learning;
  };
  return {
    async submit(request) {
      const rest = { progress: null, preview: 0, learned: null, error: null };
      const id = randomBytes(16).toString("hex");
      learnings.set(id, { id, state: "running", request, createdAt: Date.now(), ...rest });
      changes.push("learn");
      return get(id);
    },
    list: () => [...learnings.values()],
    get,
    change(id, { action }) {
      learnings.set(id, { ...get(id), state: action === "pause" ? "paused" : "running" });
      changes.push("changeLearning");
      return get(id);
    },
    async remove(id) {
      const learning = get(id);
      learnings.delete(id);
      changes.push("removeLearning");
      return learning;
    },
    preview: missing,
    result: missing,
  };
}
