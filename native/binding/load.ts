// Opens the addon and, through it, the ONNX Runtime library of the package onnxruntime-node.

import { createRequire } from "node:module";
import type { Device } from "../../companion/protocol/devices.ts";
import type { Picture, Preview, StylizeResult } from "../../companion/protocol/engine.ts";
import { type ErrorCode, ImpastoError, isErrorCode } from "../../companion/protocol/errors.ts";
import type { Mask } from "../../companion/protocol/mask.ts";
import type { Plan } from "../../companion/protocol/plan.ts";
import type { Progress } from "../../companion/protocol/progress.ts";
import type { ResolvedSettings, Size } from "../../companion/protocol/sizing.ts";
import { locateEngine, throwIfUnsupported } from "./locate.ts";
import type {
  CanonicalLosses,
  EvaluateRequest,
  Gpu,
  GpuProbe,
  Learned,
  NetworkFileInfo,
  ObjectiveEvaluation,
  Own,
  Snapshot,
  TraceRecord,
} from "./types.ts";

/** One run behind the border. All methods [js thread], none blocks. */
export interface AddonJob {
  /** All settings, changed or not; only live ones may have changed. */
  update(settings: ResolvedSettings): void;
  pause(): void;
  resume(): void;
  stop(): void;
  cancel(): void;
  preview(): Promise<Preview | null>;
  checkpoint(): Promise<Uint8Array | null>;
}

export interface AddonRequest {
  content: Picture;
  styles: {
    picture: Picture;
    weight: number;
    layers: readonly string[];
    region: Mask | null;
    source: Mask | null;
  }[];
  protect: Mask | null;
  initial: Picture | null;
  settings: ResolvedSettings;
  networkPath: string;
  draftNetworkPath: string;
  detailerPath: string;
  checkpoint: Uint8Array | null;
  shot: Uint8Array | null;
  trace: boolean;
  /** 0: none. */
  snapshotEvery: number;
}

export interface AddonEvents<R> {
  progress(progress: Progress): void;
  trace(records: TraceRecord[]): void;
  snapshot(snapshot: Snapshot): void;
  done(result: R): void;
  failed(error: unknown): void;
}

/** Names, each with its choices where it has a few. */
type FieldNames = Record<string, string[] | null>;

/** What native/addon/addon.cc exports. A request or setting with a field that it does not read is a TypeError. */
interface AddonExports {
  setLibraryPath(path: string): void;
  start(request: AddonRequest, events: AddonEvents<StylizeResult>): AddonJob;
  learn(
    request: {
      styles: readonly Picture[];
      frames: readonly Picture[];
      settings: ResolvedSettings;
      seconds: number;
      pieces: number;
      draftSide: number;
      own: Own;
      bank: number;
      shared: "learned" | "frozen";
      networkPath: string;
      criticPath: string;
      detailerPath: string;
      checkpoint: Uint8Array | null;
    },
    events: AddonEvents<Learned>,
  ): AddonJob;
  /**
   * The loss of one lesson and its gradient with respect to all that is learned, in an order of its own; where styles have
   * something of their own: of the second of two.
   */
  studyLesson(request: {
    networkPath: string;
    detailerPath: string;
    style: Picture;
    content: Picture;
    draft: Picture;
    own: Own;
    bank: number;
    /** null: where learning starts. */
    values: Float32Array | null;
    seed: number;
    threads: number;
  }): Promise<{
    loss: number;
    styleGap: number;
    content: number;
    picture: Picture;
    values: Float32Array;
    gradient: Float32Array;
  }>;
  /** What start() reads of a request. */
  fieldsRead(request: AddonRequest): { request: FieldNames; settings: FieldNames };
  evaluate(request: Omit<EvaluateRequest, "threads"> & { threads: number }): Promise<CanonicalLosses>;
  plan(request: {
    content: Size;
    settings: ResolvedSettings;
    networkPath: string;
    draftNetworkPath: string;
    masked: boolean;
    regions: number;
  }): Promise<Plan>;
  devices(): Promise<Device[]>;
  gpu(): Gpu;
  probeGpu(): Promise<GpuProbe>;
  /**
   * contentWeight and styleWeight of the settings must be given; a fourth channel is the mask. One style, or several
   * with a region each.
   */
  evaluateObjective(request: {
    networkPath: string;
    image: Picture;
    content: Picture;
    styles: { picture: Picture; region: Mask | null }[];
    settings: ResolvedSettings;
    repeats: number;
    /** Side of the tiles, px; 0: the whole picture at once. */
    tile: number;
  }): Promise<ObjectiveEvaluation>;
  /** One pass of the detailer: `draft` at the content's size, painted in the style's statistics. */
  addDetail(request: {
    networkPath: string;
    detailerPath: string;
    draft: Picture;
    content: Picture;
    style: Picture;
    carry: ResolvedSettings["carry"];
    /** Of the way from the content's statistics to the style's, 0 … 1. */
    share: number;
    seed: number;
    threads: number;
    /** Painted at once. */
    windowPixels: number;
  }): Promise<Picture>;
  /** An optimizer on any function within 0 … 1; width and height 0 for a vector that is no picture. */
  minimize(
    options: {
      optimizer: "lbfgs" | "adam";
      history: number;
      stepSize: number;
      x: Float32Array;
      width: number;
      height: number;
      iterations: number;
    },
    evaluate: (x: Float32Array) => { value: number; gradient: Float32Array },
  ): { x: Float32Array; values: number[] };
  /**
   * What a run without a time budget says after each iteration. The times of each scale: its begin, its first
   * iteration's begin, each iteration's end.
   */
  secondsLeft(scales: readonly (Size & { iterations: number })[], times: readonly (readonly number[])[]): number[];
  resizePicture(picture: Picture, width: number, height: number): Picture;
  /** Both of one size; `share` of the way, 0 … 1. */
  guidedFilter(picture: Picture, guide: Picture, share: number): Picture;
  /** Unweighted; the gradient as a picture. Both of one size. */
  pixelTerm(kind: "matting" | "laplacian", content: Picture, picture: Picture): { value: number; gradient: Picture };
  transferColors(
    kind: "match-colors" | "match-histograms" | "match-luminance" | "replace-luminance",
    source: Picture,
    target: Picture,
  ): Picture;
  /** GFLOP/s of a matrix product: what benches compare with. */
  sgemmRate(size: number, threads: number, repeats: number): Promise<number>;
  /** Ends the sessions that are kept for reuse. */
  dropIdleObjectives(): void;
  info(): { onnxruntime: string; threads: number };
  readNetworkInfo(path: string): NetworkFileInfo;
}
export type Addon = AddonExports & { path: string };

let opened: Addon | undefined;

/** [sync] The addon, opened once. Throws ImpastoError("addon-missing" | "onnxruntime-missing" | "platform-unsupported"). */
export function loadAddon(): Addon {
  if (opened !== undefined) return opened;
  const { path, library, remedy } = locateEngine();
  let exports: AddonExports;
  try {
    exports = createRequire(path)(path) as AddonExports;
  } catch (cause) {
    throwIfUnsupported(cause);
    throw new ImpastoError("addon-missing", "The native engine was built for another system and cannot be opened.", {
      hint: remedy,
      cause,
    });
  }
  exports.setLibraryPath(library);
  opened = Object.assign(exports, { path });
  return opened;
}

/** The addon's errors carry code, hint and detail; TypeError and RangeError pass, anything else is internal. */
export function toImpastoError(error: unknown): unknown {
  if (error instanceof ImpastoError || error instanceof TypeError || error instanceof RangeError) return error;
  if (error instanceof Error && "code" in error && isErrorCode(error.code)) {
    const code: ErrorCode = error.code;
    const hint = "hint" in error && typeof error.hint === "string" && error.hint !== "" ? { hint: error.hint } : {};
    return new ImpastoError(code, error.message, { ...hint, cause: error });
  }
  return new ImpastoError("internal", "The native engine failed in a way that it should not.", {
    hint: "Run again with --verbose and report what it prints.",
    cause: error,
  });
}
