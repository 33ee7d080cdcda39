// What goes in and out of the native engine, beside companion/protocol/engine.ts.

import type { Losses, Picture, Run, RunOptions, StylizeRequest } from "../companion/protocol/engine.ts";
import type { Settings } from "../companion/protocol/settings.ts";

export interface NativeRequest extends StylizeRequest {
  /** Absolute path of the network's safetensors file. */
  networkPath: string;
  /** From NativeRun.checkpoint() of the same request: goes on from there. */
  checkpoint?: Uint8Array;
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

export interface PlanRequest {
  content: { width: number; height: number };
  styles: { width: number; height: number }[];
  settings: Settings;
  networkPath: string;
}

export interface EngineInfo {
  /** Version of the ONNX Runtime library. */
  onnxruntime: string;
  /** Path of the addon. */
  addon: string;
  /** Physical cores: the threads that a run takes by default. */
  threads: number;
}

export interface NetworkInfo {
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
