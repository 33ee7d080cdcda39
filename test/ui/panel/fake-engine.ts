// An engine and a companion link that do what the test says, when it says so.

import { type Signal, signal } from "@preact/signals-core";
import type { Device } from "../../../companion/protocol/devices.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Learning } from "../../../companion/protocol/learnings.ts";
import type { Model } from "../../../companion/protocol/models.ts";
import type { Doctor, NetworkInfo } from "../../../companion/protocol/networks.ts";
import type { Pairing } from "../../../companion/protocol/pairing-messages.ts";
import type { Plan } from "../../../companion/protocol/plan.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import type {
  BatchListeners,
  EngineBatch,
  EngineBatchRequest,
  EngineRequest,
  EngineResult,
  LearningOrder,
  LivePicture,
  ModelListeners,
  ModelShelf,
  PastResult,
  ResultArchive,
  RunListeners,
  StyleEngine,
  StyleSchool,
} from "../../../ui/engines/style-engine.ts";
import type { CompanionLink, LinkState, PullProgress } from "../../../ui/state/link.ts";

const FAKE_PLAN: Plan = {
  width: 512,
  height: 384,
  scales: [],
  peakBytes: 780e6,
  seconds: 12,
  fits: true,
  largestSize: 2048,
  device: "webgpu",
};

/** One run as the test sees it: what was asked, and the ends to pull. */
export interface FakeRun {
  request: EngineRequest;
  listeners: RunListeners;
  updates: Partial<Settings>[];
  calls: string[];
  finish(result: EngineResult): void;
  fail(error: unknown): void;
}

/** A live picture that was asked for. */
export interface FakeLive {
  request: EngineRequest;
  signal: AbortSignal;
  show(picture: LivePicture): void;
  fail(error: unknown): void;
}

export interface FakeBatch {
  request: EngineBatchRequest | null;
  listeners: BatchListeners;
  calls: string[];
}

export interface FakeEngine extends StyleEngine {
  runs: FakeRun[];
  lives: FakeLive[];
  batches: FakeBatch[];
  /** Known batches, for attachBatch. */
  known: Set<string>;
  batchResult: EngineResult | null;
  planned: Plan | null;
  /** What it keeps; null where nothing is kept. */
  archive: FakeArchive | null;
  /** Styles that it learns; null where it cannot. */
  school: FakeSchool | null;
  /** Networks of others; null where there can be none. */
  models: FakeShelf | null;
}

/** Takes files when the test says so. */
export interface FakeShelf extends ModelShelf {
  there: Model[];
  coming: (ModelListeners & { file: File; name: string; finish(model: Model): void; fail(error: unknown): void })[];
}

export function fakeModel(name: string, more: Partial<Model["descriptor"]> = {}): Model {
  const pixels = {
    ...{ tensor: "x", layout: "nchw" as const, order: "rgb" as const, range: [0, 255] },
    ...{ mean: [0, 0, 0], std: [1, 1, 1] },
  };
  return {
    ...{ name, sha256: "c".repeat(64), styleSha256: null, bytes: 6_700_000, looksAtAll: true },
    ...{ bytesPerPixel: 1, restingBytes: 1, secondsPerPixel: 1e-7 },
    descriptor: {
      content: { ...pixels, fixed: null, multiple: 4 },
      output: { ...pixels, tensor: "y" },
      ...{ style: null, styleTensor: null, controls: [], license: "unknown", source: "pytorch" },
      ...more,
    },
    found: ["content.range", "output.range", "content.multiple"],
  };
}

function createFakeShelf(): FakeShelf {
  const shelf: FakeShelf = {
    there: [],
    coming: [],
    list: async () => shelf.there,
    add: (file, name, listeners) =>
      new Promise((resolve, fail) => {
        listeners.signal.addEventListener("abort", () => fail(new ImpastoError("cancelled", "Cancelled.")));
        const finish = (model: Model) => {
          shelf.there = [...shelf.there, model];
          resolve(model);
        };
        shelf.coming.push({ ...listeners, file, name, finish, fail });
      }),
    async remove(name) {
      shelf.there = shelf.there.filter((model) => model.name !== name);
    },
  };
  return shelf;
}

/** Pages of ARCHIVE_PAGE; what has no picture made room. */
export interface FakeArchive extends ResultArchive {
  kept: { result: PastResult; bytes: Uint8Array | null }[];
  /** Results by the batch's id; their pictures are the listed ones'. */
  batches: Map<string, readonly PastResult[]>;
  calls: string[];
}

function createFakeArchive(): FakeArchive {
  const archive: FakeArchive = {
    kept: [],
    batches: new Map(),
    calls: [],
    async list(before) {
      archive.calls.push(`list ${before ?? ""}`.trim());
      const first = before === undefined ? 0 : archive.kept.findIndex(({ result }) => result.id === before) + 1;
      const page = archive.kept.slice(first, first + ARCHIVE_PAGE);
      return { results: page.map(({ result }) => result), hasOlder: first + ARCHIVE_PAGE < archive.kept.length };
    },
    batch: async (id) => archive.batches.get(id) ?? [],
    thumbnail: (id) => read("thumbnail", id),
    picture: (id) => read("picture", id),
  };

  async function read(what: string, id: string): Promise<Uint8Array> {
    archive.calls.push(`${what} ${id}`);
    const bytes = archive.kept.find(({ result }) => result.id === id)?.bytes ?? null;
    if (bytes === null) throw new ImpastoError("not-found", "The result was removed to make room on the disk.");
    return bytes;
  }
  return archive;
}

export const ARCHIVE_PAGE = 6;

/** What was asked of it, and the styles as the test lets them stand. */
export interface FakeSchool extends StyleSchool {
  orders: LearningOrder[];
  learnings: Learning[];
  calls: string[];
}

function createFakeSchool(): FakeSchool {
  const school: FakeSchool = {
    orders: [],
    learnings: [],
    calls: [],
    async begin(order) {
      school.orders.push(order);
      const refs = order.styles.map(({ name }) => ({ sha256: "a".repeat(64), name }));
      const [style = { sha256: "a".repeat(64) }, ...others] = refs;
      const frames = order.frames.map(() => style);
      const request = { style, others, frames, minutes: order.minutes, settings: {} };
      const rest = { progress: null, preview: 0, learned: null, error: null };
      const id = String(school.orders.length).padStart(32, "0");
      school.learnings.unshift({ id, state: "running", request, createdAt: 0, ...rest });
      return school.look(id);
    },
    list: async () => school.learnings,
    async look(id) {
      const found = school.learnings.find((learning) => learning.id === id);
      if (found === undefined) throw new ImpastoError("not-found", "There is no such learned style.");
      return found;
    },
    async change(id, { action }) {
      school.calls.push(action);
      const state = action === "pause" ? "paused" : "running";
      school.learnings = school.learnings.map((one) => (one.id === id ? { ...one, state } : one));
      return school.look(id);
    },
    async remove(id) {
      school.calls.push("remove");
      school.learnings = school.learnings.filter((one) => one.id !== id);
    },
    preview: async () => new Uint8Array([8]),
    result: async (_, style) => new Uint8Array([7, ...(style === undefined ? [] : [style])]),
  };
  return school;
}

export function createFakeEngine(kind: "companion" | "panel", device: string): FakeEngine {
  const engine: FakeEngine = {
    runs: [],
    lives: [],
    batches: [],
    known: new Set(),
    batchResult: null,
    planned: FAKE_PLAN,
    archive: kind === "companion" ? createFakeArchive() : null,
    convert: null,
    school: kind === "companion" ? createFakeSchool() : null,
    models: kind === "companion" ? createFakeShelf() : null,
    capabilities: async () => ({
      kind,
      device,
      methods: kind === "panel" ? ["optimize"] : ["quick", "optimize"],
      live: kind === "companion",
      largestSize: kind === "panel" ? 512 : null,
    }),
    plan: async () => engine.planned,
    live: (request, signal) =>
      new Promise<LivePicture>((show, fail) => {
        signal.addEventListener("abort", () => fail(new ImpastoError("cancelled", "Cancelled.")));
        engine.lives.push({ request, signal, show, fail });
      }),
    stylize(request, listeners) {
      const updates: Partial<Settings>[] = [];
      const calls: string[] = [];
      let finish: FakeRun["finish"] = () => undefined;
      let fail: FakeRun["fail"] = () => undefined;
      const result = new Promise<EngineResult>((resolve, reject) => {
        finish = resolve;
        fail = reject;
      });
      listeners.signal?.addEventListener("abort", () => fail(new ImpastoError("cancelled", "Cancelled.")));
      engine.runs.push({ request, listeners, updates, calls, finish, fail });
      return {
        result,
        update: (settings) => updates.push(settings),
        pause: () => calls.push("pause"),
        resume: () => calls.push("resume"),
        stop: () => calls.push("stop"),
      };
    },
    async startBatch(request, listeners) {
      return fakeBatch({ request, listeners, calls: [] }, kind === "panel" ? null : "batch-1");
    },
    async attachBatch(id, listeners) {
      return engine.known.has(id) ? fakeBatch({ request: null, listeners, calls: [] }, id) : null;
    },
  };

  function fakeBatch(batch: FakeBatch, id: string | null): EngineBatch {
    engine.batches.push(batch);
    return {
      id,
      pause: () => batch.calls.push("pause"),
      resume: () => batch.calls.push("resume"),
      cancel: () => batch.calls.push("cancel"),
      retry: (frames) => batch.calls.push(`retry ${frames}`),
      skip: (frames) => batch.calls.push(`skip ${frames}`),
      repaint: (frames, strength) => batch.calls.push(`repaint ${frames} at ${strength}`),
      detach: () => batch.calls.push("detach"),
      async result() {
        if (engine.batchResult === null) throw new ImpastoError("not-found", "Not ready.");
        return engine.batchResult;
      },
    };
  }
  return engine;
}

export function fakeProgress(totalIteration: number, totalIterations = 360): Progress {
  const scaleIndex = totalIteration < 200 ? 0 : totalIteration < 280 ? 1 : 2;
  const iteration = totalIteration - ([0, 200, 280][scaleIndex] as number);
  const total = 40 * Math.exp(-iteration / 40) * (1 - scaleIndex * 0.25) + 6 + Math.sin(totalIteration / 3) * 0.3;
  return {
    phase: "optimize",
    fraction: totalIteration / totalIterations,
    scale: [256, 362, 512][scaleIndex] as number,
    scaleIndex,
    scaleCount: 3,
    width: [256, 362, 512][scaleIndex] as number,
    height: [192, 272, 384][scaleIndex] as number,
    iteration,
    iterations: 80,
    totalIteration,
    totalIterations,
    losses: { content: 2, style: total, tv: 0, total, contentLayers: {}, styleLayers: {} },
    secondsElapsed: totalIteration / 30,
    secondsLeft: (totalIterations - totalIteration) / 30,
    device: "webgpu",
  };
}

const FAKE_DEVICES: Device[] = [
  { kind: "webgpu", name: "Apple M2", usable: true, detail: "Agrees with the processor, 9 times faster." },
  { kind: "cpu", name: "Processor, 8 cores", usable: true, detail: "0.6 s an iteration at 512 px." },
  { kind: "cuda", name: "CUDA", usable: false, detail: "No NVIDIA card was found." },
];

const FAKE_NETWORKS: NetworkInfo[] = [network("vgg19-slim", "embedded", 3.4e6), network("vgg19", "missing", 26e6)];

function network(name: string, state: NetworkInfo["state"], bytes: number): NetworkInfo {
  return { name, state, sha256: null, bytes, layers: [], source: "Impasto", license: "MIT" };
}

const FAKE_DOCTOR: Doctor = {
  versions: { impasto: "0.1.0", node: "24.11.0" },
  checks: [
    { name: "Addon", ok: true, detail: "loads" },
    { name: "Graphics card", ok: true, detail: "agrees with the processor" },
    { name: "Disk", ok: false, detail: "1.2 GB free", hint: "Make room: 2 GB are kept free." },
  ],
  devices: FAKE_DEVICES,
  networks: FAKE_NETWORKS,
  disk: { usedBytes: 1, quotaBytes: 2, freeBytes: 3, reserveBytes: 4 },
  jobs: { done: 12 },
};

const FAKE_PAIRING: Pairing = {
  id: "0123456789abcdef",
  host: "figma",
  name: "Figma Desktop",
  scope: "jobs",
  createdAt: 0,
  lastSeenAt: 0,
  current: false,
};

export interface FakeLink extends Omit<CompanionLink, "state" | "admin"> {
  admin: Signal<boolean>;
  state: Signal<LinkState>;
  calls: string[];
  pulling: { onProgress(progress: PullProgress): void; finish(): void; fail(error: unknown): void } | null;
  pairResult: ImpastoError | null;
}

export function createFakeLink(engine: StyleEngine, state: LinkState = { kind: "ready" }): FakeLink {
  const link: FakeLink = {
    state: signal<LinkState>(state),
    engine,
    devices: signal(FAKE_DEVICES),
    networks: signal(FAKE_NETWORKS),
    calls: [],
    pulling: null,
    pairResult: null,
    start: () => link.calls.push("start"),
    stop: () => link.calls.push("stop"),
    retry: () => link.calls.push("retry"),
    async pair(code) {
      link.calls.push(`pair ${code}`);
      if (link.pairResult !== null) throw link.pairResult;
      link.state.value = { kind: "ready" };
    },
    async forget() {
      link.calls.push("forget");
      link.state.value = { kind: "unpaired", pairing: "closed" };
    },
    pull(name, onProgress) {
      link.calls.push(`pull ${name}`);
      return new Promise((resolve, reject) => {
        link.pulling = { onProgress, finish: resolve, fail: reject };
      });
    },
    doctor: async () => FAKE_DOCTOR,
    admin: signal(false),
    openPairing: async () => ({ code: "K7QM2XD9", expiresAt: Date.now() + 120_000 }),
    pairings: async () => [FAKE_PAIRING],
    unpair: async (id) => void link.calls.push(`unpair ${id}`),
  };
  return link;
}
