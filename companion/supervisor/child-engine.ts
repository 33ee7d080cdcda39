// What the engine child needs of an engine: the native one, or a stand-in with which tests make children crash.

import type { Snapshot, TraceRecord } from "../engine.ts";
import type { DetailerShare } from "../learned/blend-detailers.ts";
import type { GivenDescriptor } from "../models/descriptor.ts";
import type { LocatedModel } from "../models/model-run.ts";
import type { NetworkFiles } from "../networks/needed.ts";
import type { Device } from "../protocol/devices.ts";
import type { Picture, Preview, StylizeRequest, StylizeResult } from "../protocol/engine.ts";
import type { Model } from "../protocol/models.ts";
import type { NetworkInfo } from "../protocol/networks.ts";
import type { Plan } from "../protocol/plan.ts";
import type { Progress } from "../protocol/progress.ts";
import type { Recipe } from "../protocol/recipe.ts";
import type { RequestOf } from "../protocol/request.ts";
import type { Settings } from "../protocol/settings.ts";
import type { Size } from "../protocol/sizing.ts";

export interface ChildRun {
  /** Rejects with ImpastoError("cancelled") after the signal aborted. */
  result: Promise<StylizeResult>;
  update(settings: Partial<Settings>): void;
  /** Stands still after the iteration in work; previews and checkpoints are still made. */
  pause(): void;
  stop(): void;
  /** Null before the first iteration. */
  preview(): Promise<Preview | null>;
  checkpoint(): Promise<Uint8Array | null>;
}

/** Files that a run needs beside its pictures; the engine finds them by the settings where they are not given. */
export interface RunFiles {
  networks?: NetworkFiles;
  model?: LocatedModel;
}

export interface RunStart extends RunFiles {
  request: StylizeRequest;
  checkpoint?: Uint8Array;
  /** What learned styles bring along to paint quick pictures with, by the weights of all. */
  learned?: readonly DetailerShare[];
  /** Of a frame of a sequence: what the one before left (Shot.state), empty for the first. */
  shot?: Uint8Array;
  onProgress(progress: Progress): void;
  signal: AbortSignal;
  /** Every iteration, batched. */
  onTrace?: (records: TraceRecord[]) => void;
  /** The picture after each iteration whose number is a multiple of `every`. */
  snapshots?: { every: number; onSnapshot: (snapshot: Snapshot) => void };
}

/** What a recipe says about who did the work. */
export type RunFacts = Pick<Recipe, "network" | "painter" | "model" | "threads">;

/** One way to paint: what a request takes of time and memory, and the run itself. */
export interface PaintMethod {
  start(start: RunStart): Promise<{ run: ChildRun; facts: RunFacts }>;
  plan(request: RequestOf<Size>, files?: RunFiles): Promise<Plan>;
}

/** A file on this disk, and what is to be known of it. */
export interface ModelToExamine {
  file: string;
  name: string;
  given: GivenDescriptor;
}

export interface ChildEngine extends PaintMethod {
  devices(): Promise<Device[]>;
  networks(): Promise<NetworkInfo[]>;
  models(): Promise<Model[]>;
  /** Looks it through and tries it; keeps nothing. Ends soon after the signal aborts. */
  examineModel(model: ModelToExamine, signal: AbortSignal): Promise<Model>;
  /** How far a result is from its style: 0 its own statistics, 1 as far as plain gray. Null where that cannot be told. */
  styleDistance(result: Picture, style: Picture): Promise<number | null>;
  /** Downloads; `onProgress` may be called often. */
  pull(name: string, onProgress: (received: number, total: number) => void): Promise<NetworkInfo>;
  /** impasto, onnxruntime, node, platform. */
  versions(): Record<string, string>;
}
