// What goes in and out of the native engine, beside companion/protocol/engine.ts.

import type { Device } from "../../companion/protocol/devices.ts";
import type { Picture, Run, RunOptions, StylizeRequest, StylizeResult } from "../../companion/protocol/engine.ts";
import type { Losses } from "../../companion/protocol/progress.ts";
import type { RequestOf } from "../../companion/protocol/request.ts";
import type { Settings } from "../../companion/protocol/settings.ts";
import type { Size } from "../../companion/protocol/sizing.ts";

/** Which device `auto` means is decided before, by who can measure (companion/gpu/choose-device.ts). */
export type EngineSettings = Settings & { device: Device["kind"] };

/** What paints drafts and details: absolute paths. With it a run begins with a quick picture (protocol/way.ts). */
export interface Painter {
  networkPath: string;
  detailerPath: string;
}

export interface NativeRequest extends StylizeRequest {
  settings: EngineSettings;
  /** Absolute path of the network's safetensors file. */
  networkPath: string;
  painter?: Painter;
  /** From NativeRun.checkpoint() of the same request: goes on from there. */
  checkpoint?: Uint8Array;
  /** Of a frame of a sequence: what the one before left, StylizeResult.shot.state; empty for the first. */
  shot?: Uint8Array;
}

/** One iteration, for traces. */
export interface TraceRecord {
  /** Long side of the scale, px. */
  scale: number;
  iteration: number;
  totalIteration: number;
  losses: Losses;
  /** Since the run's start, pauses left out. */
  seconds: number;
}

export interface NativeRunOptions extends RunOptions {
  /** Every iteration, batched. */
  onTrace?: (records: TraceRecord[]) => void;
  /** The picture after each iteration whose number, over all scales, is a multiple of `every`. */
  snapshots?: { every: number; onSnapshot: (snapshot: Snapshot) => void };
}

/** The best picture so far as it stood after an iteration, at the size of its scale, RGB. */
export interface Snapshot {
  /** Over all scales, from 1. */
  iteration: number;
  picture: Picture;
}

/** What WebGPU would run on; several names when only the driver knows which it will take. */
export interface Gpu {
  names: string[];
  /** One for each name: another text, another driver. */
  drivers: string[];
  /** Why none of them will do; empty: one may. */
  refused: string;
}

/** A small loss and gradient on the GPU and on the CPU. */
export interface GpuProbe {
  /** Its numbers agree with the CPU's. */
  usable: boolean;
  faster: boolean;
  seconds: number;
  cpuSeconds: number;
  /** Why it will not do; empty when it will. */
  reason: string;
}

export interface NativeRun extends Run {
  /** Pixels and optimizer state; null before the first iteration. */
  checkpoint(): Promise<Uint8Array | null>;
}

export interface EvaluateRequest {
  image: Picture;
  content: Picture;
  style: Picture;
  networkPath: string;
  pooling: Settings["pooling"];
  styleLayers: readonly string[];
  contentLayers: readonly string[];
  threads: number | null;
}

/** Unweighted losses in the canonical form: raw Gram matrices, zero padding, means. */
export interface CanonicalLosses {
  content: Record<string, number>;
  style: Record<string, number>;
  tv_l1: number;
  tv_l2: number;
}

/** Only the sizes of the pictures are looked at. */
export interface PlanRequest extends RequestOf<Size> {
  settings: EngineSettings;
  networkPath: string;
  painter?: Painter;
}

export interface EngineInfo {
  /** Version of the ONNX Runtime library. */
  onnxruntime: string;
  /** Path of the addon. */
  addon: string;
  /** That a run takes where nobody says how many: physical cores, no more than a container has time for. */
  threads: number;
}

/** What a network file holds. */
export interface NetworkFileInfo {
  name: string;
  /** Layers that the file has, shallow to deep, and their channels. */
  layers: string[];
  widths: number[];
  pooling: Settings["pooling"];
  padding: Settings["padding"];
  /** Size of the file. */
  bytes: number;
}

/** One loss and gradient at given pixels, for tests and benches. */
export interface ObjectiveEvaluation {
  losses: Losses;
  /** [3, H, W] of the total with respect to the image. */
  gradient: Float32Array;
  /** The style picture's moments by layer: [C, C] and [C]. */
  grams: Record<string, Float32Array>;
  means: Record<string, Float32Array>;
  /** Of each repetition. */
  seconds: number[];
}

/** What each of several styles has of its own in a detailer that they share: native/learn/own.h. */
export type Own = "filters" | "cin" | "stylebank";

/** A detailer after learning. Its picture is the first piece of a frame as it is painted then. */
export interface Learned extends StylizeResult {
  /** All tensors of the detailer's file, in its order: by level from the deepest, weight and bias of each, then `out`. */
  filters: Float32Array;
  /** Of each style: nothing; scales and then shifts of all channels in the order of `filters`; weight and bias of the bank. */
  own: Float32Array[];
  /** Share of the style gap left on pieces of the frames, as the second critic sees it; 0 where stopped early. */
  gapBefore: number;
  gapAfter: number;
}
