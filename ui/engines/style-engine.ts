// One interface, two engines: the companion (HTTP) and the panel itself (WebGL). A request is complete in
// itself, a run is a handle. Pictures go in encoded and come out as PNG: pixels as floats stay inside an engine.

import type { NotedPicture } from "../../companion/protocol/client.ts";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { FrameState } from "../../companion/protocol/job-states.ts";
import type { OwnKind } from "../../companion/protocol/learned-styles.ts";
import type { Learning, LearningChange } from "../../companion/protocol/learnings.ts";
import type { Model } from "../../companion/protocol/models.ts";
import type { Plan } from "../../companion/protocol/plan.ts";
import type { Progress } from "../../companion/protocol/progress.ts";
import type { RequestOf, SharedPicturesOf } from "../../companion/protocol/request.ts";
import type { Method, Settings } from "../../companion/protocol/settings.ts";
import type { SourcePicture } from "../host.ts";

/** A file as it was given. */
export type SourceFile = Pick<SourcePicture, "bytes" | "name">;

/** With `initial` an engine starts at it, whatever settings.init says. */
export type EngineRequest = RequestOf<SourcePicture>;

export interface EngineResult {
  /** Names it in the engine's archive; missing where nothing is kept of it. */
  id?: string;
  /** PNG; has alpha when the content had it. */
  bytes: Uint8Array;
  width: number;
  height: number;
  iterations: number;
  seconds: number;
  device: string;
  fallback?: string;
  /** What a person should know of it: of a file of many pictures the first was taken, and the like. */
  notes?: readonly string[];
  /** Of a batch's frame in one style: companion/protocol/style-distance.ts. */
  styleDistance?: number;
  /** True when stop() ended it before its last iteration. */
  stopped: boolean;
}

/** waiting: for its turn, one picture is in work at a time; lost: the companion does not answer, the run goes on by itself when it does again. */
export type RunState = "waiting" | "running" | "paused" | "lost" | "disk-full";

export interface EngineRun {
  /** Rejects with ImpastoError; "cancelled" after the signal aborted. */
  readonly result: Promise<EngineResult>;
  /** Live settings (SETTINGS[name].live) from the next iteration on. Throws "bad-setting" for any other. */
  update(settings: Partial<Settings>): void;
  pause(): void;
  resume(): void;
  /** Ends now and resolves with the best picture so far. */
  stop(): void;
}

export interface RunListeners {
  onProgress?(progress: Progress): void;
  /** The receiver closes the bitmap. */
  onPreview?(bitmap: ImageBitmap): void;
  onState?(state: RunState): void;
  signal?: AbortSignal;
}

/** What one engine can do, asked when the panel starts and when settings change. */
export interface EngineCapabilities {
  kind: "companion" | "panel";
  /** What does the work, for people: "Apple M2", "This panel on WebGL (Apple M2)". */
  device: string;
  /** The ways to paint that it knows. */
  methods: readonly Method[];
  /** Paints live pictures, and fast enough. */
  live: boolean;
  /** Largest long side of a result, px; null: no limit of its own. */
  largestSize: number | null;
}

/** A frame of a batch; its picture is read when the engine is ready for it. */
export interface BatchContent {
  id: string;
  name: string;
  /** Which of the styles it is painted in, alone; all of them together where that is missing. */
  style?: number;
  read(): Promise<SourcePicture>;
}

export interface EngineBatchRequest extends SharedPicturesOf<SourcePicture> {
  name: string;
  settings: Settings;
  contents: readonly BatchContent[];
  /** The contents are frames in order, each painted from the one before; the companion alone knows how. */
  animation?: true;
}

export interface BatchFrameStatus {
  index: number;
  state: FrameState | "reading";
  /** 0 … 1 while running. */
  fraction: number;
  error: ErrorBody | null;
  /** Of one that is done: what a person should know of it. */
  notes?: readonly string[];
  /** Of one that is done: 0 has the style's own statistics, 1 is as far from them as plain gray; null where nobody measured. */
  styleDistance?: number | null;
}

export type BatchRunState = "running" | "paused" | "lost" | "done" | "cancelled";

export interface EngineBatch {
  /** Names the batch in the engine, to find it again with attachBatch; null where it can not outlive the panel. */
  readonly id: string | null;
  pause(): void;
  resume(): void;
  cancel(): void;
  retry(frames: readonly number[]): void;
  skip(frames: readonly number[]): void;
  /** Paints frames anew that are over, at a strength of their own. */
  repaint(frames: readonly number[], strength: number): void;
  /** PNG of a frame that is done. Throws "not-found" before that. */
  result(index: number): Promise<EngineResult>;
  /** Stops listening; the work goes on where it can. */
  detach(): void;
}

export interface BatchListeners {
  onFrame(frame: BatchFrameStatus): void;
  onState(state: BatchRunState, secondsLeft: number | null): void;
  /** Gives up a batch that is still being started; startBatch() then rejects with "cancelled". */
  signal?: AbortSignal;
}

/** How a request would look, small; PNG. */
export interface LivePicture {
  bytes: Uint8Array;
  width: number;
  height: number;
}

export interface LearningOrder {
  /** One or more, in one file. */
  styles: readonly SourcePicture[];
  /** What each has of its own; null: what suits one style, or several. */
  own: OwnKind | null;
  /** A learned style that these are added to; null: a file of their own. */
  into: SourcePicture | null;
  /** Some of the pictures that it is for. */
  frames: readonly SourcePicture[];
  minutes: number;
  settings: Settings;
}

/** Learns styles; what was begun goes on without the panel. All reject with ImpastoError. */
export interface StyleSchool {
  /** "busy" while another style is being learned, "cancelled" once the signal aborts. */
  begin(order: LearningOrder, signal: AbortSignal): Promise<Learning>;
  /** Newest first. */
  list(): Promise<readonly Learning[]>;
  look(id: string): Promise<Learning>;
  change(id: string, change: LearningChange): Promise<Learning>;
  /** Ends it where it is being learned. */
  remove(id: string): Promise<void>;
  /** JPEG. */
  preview(id: string): Promise<Uint8Array>;
  /** The learned style: a JPEG that requests take for a style; of several that one alone, from 1. */
  result(id: string, style?: number): Promise<Uint8Array>;
}

export interface ModelListeners {
  /** How much of the file is on its way, 0 … 1. */
  onSent(fraction: number): void;
  signal: AbortSignal;
}

/** Networks of others that are styles themselves. All reject with ImpastoError. */
export interface ModelShelf {
  /** By name. */
  list(): Promise<readonly Model[]>;
  /** Looks the file through, tries it and keeps it under that name; "cancelled" once the signal aborts. */
  add(file: File, name: string, listeners: ModelListeners): Promise<Model>;
  remove(name: string): Promise<void>;
}

/** A picture that was painted before, and how. */
export interface PastResult {
  id: string;
  /** When it was done, ms since 1970. */
  at: number;
  contentName: string;
  styleName: string;
  /** SHA-256 of the style's picture in hex, the first half of it at least; null where several or none made it, or nobody knows. */
  styleHash: string | null;
  width: number;
  height: number;
  /** Those that a person may take over. */
  settings: Partial<Settings>;
  /** It stands for all that were painted together with it. */
  batch?: PastBatch;
}

export interface PastBatch {
  id: string;
  /** How many. */
  results: number;
}

/** What an engine keeps of its work until it needs the room. All reject with ImpastoError. */
export interface ResultArchive {
  /** Newest first, some at a time; `before`: the last one of the list so far, to go on with it. */
  list(before?: string): Promise<{ results: readonly PastResult[]; hasOlder: boolean }>;
  /** All results of a batch, in its order. */
  batch(id: string): Promise<readonly PastResult[]>;
  /** PNG of at most a few hundred px. "not-found" when it made room meanwhile. */
  thumbnail(id: string): Promise<Uint8Array>;
  /** PNG. As thumbnail(). */
  picture(id: string): Promise<Uint8Array>;
}

export interface StyleEngine {
  capabilities(): Promise<EngineCapabilities>;
  /** What the request would cost; only the pictures' sizes are looked at. Null when the engine can not tell yet. */
  plan(request: EngineRequest): Promise<Plan | null>;
  /**
   * A live picture (companion/protocol/live.ts), within a second and with nothing kept of it. Rejects with ImpastoError:
   * "busy" while other work comes first, "cancelled" once the signal aborts.
   */
  live(request: EngineRequest, signal: AbortSignal): Promise<LivePicture>;
  stylize(request: EngineRequest, listeners: RunListeners): EngineRun;
  startBatch(request: EngineBatchRequest, listeners: BatchListeners): Promise<EngineBatch>;
  /** Null when the engine knows no such batch any more. */
  attachBatch(id: string, listeners: BatchListeners): Promise<EngineBatch | null>;
  /** JPEG or PNG of a picture that the browser does not read; rejects with ImpastoError. Null where it reads no more. */
  readonly convert: ((file: SourceFile) => Promise<NotedPicture>) | null;
  /** Null where styles cannot be learned. */
  readonly school: StyleSchool | null;
  /** Null where there can be none. */
  readonly models: ModelShelf | null;
  /** Null where nothing is kept. */
  readonly archive: ResultArchive | null;
}
