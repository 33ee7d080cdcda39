// Finds and opens the addon and, through it, the ONNX Runtime library of the package onnxruntime-node.
// What may be missing on a machine is said in one sentence with the remedy.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Device } from "../../companion/protocol/devices.ts";
import type { Picture, Preview, StylizeResult } from "../../companion/protocol/engine.ts";
import { type ErrorCode, ImpastoError, isErrorCode } from "../../companion/protocol/errors.ts";
import type { Plan } from "../../companion/protocol/plan.ts";
import type { Progress } from "../../companion/protocol/progress.ts";
import type { ResolvedSettings, Size } from "../../companion/protocol/sizing.ts";
import type {
  CanonicalLosses,
  EvaluateRequest,
  Gpu,
  GpuProbe,
  NetworkFileInfo,
  ObjectiveEvaluation,
  Snapshot,
  TraceRecord,
} from "./types.ts";

export type LiveSettings = Pick<
  ResolvedSettings,
  | "styleToContent"
  | "styleLayerWeights"
  | "contentLayerWeights"
  | "contentWeight"
  | "styleWeight"
  | "tvWeight"
  | "stepSize"
>;

/** One run behind the border. All methods [js thread], none blocks. */
export interface AddonJob {
  /** All live settings, changed or not. */
  update(settings: LiveSettings): void;
  pause(): void;
  resume(): void;
  stop(): void;
  cancel(): void;
  preview(): Promise<Preview | null>;
  checkpoint(): Promise<Uint8Array | null>;
}

export interface AddonRequest {
  content: Picture;
  styles: { picture: Picture; weight: number }[];
  initial: Picture | null;
  settings: ResolvedSettings;
  networkPath: string;
  checkpoint: Uint8Array | null;
  trace: boolean;
  /** 0: none. */
  snapshotEvery: number;
}

export interface AddonEvents {
  progress(progress: Progress): void;
  trace(records: TraceRecord[]): void;
  snapshot(snapshot: Snapshot): void;
  done(result: StylizeResult): void;
  failed(error: unknown): void;
}

/** What native/addon/addon.cc exports. */
interface AddonExports {
  setLibraryPath(path: string): void;
  start(request: AddonRequest, events: AddonEvents): AddonJob;
  evaluate(request: Omit<EvaluateRequest, "threads"> & { threads: number }): Promise<CanonicalLosses>;
  plan(request: { content: Size; styles: Size[]; settings: ResolvedSettings; networkPath: string }): Promise<Plan>;
  devices(): Promise<Device[]>;
  gpu(): Gpu;
  probeGpu(): Promise<GpuProbe>;
  /** contentWeight and styleWeight of the settings must be given; a fourth channel is the mask. */
  evaluateObjective(request: {
    networkPath: string;
    image: Picture;
    content: Picture;
    style: Picture;
    settings: ResolvedSettings;
    repeats: number;
  }): Promise<ObjectiveEvaluation>;
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
  resizePicture(picture: Picture, width: number, height: number): Picture;
  transferColors(
    kind: "match-colors" | "match-luminance" | "replace-luminance",
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

/** The folder of the package.json named impasto, above this file or the bundle that it is part of. */
function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) {
      const content: unknown = JSON.parse(readFileSync(file, "utf8"));
      if (typeof content === "object" && content !== null && "name" in content && content.name === "impasto")
        return folder;
    }
    if (dirname(folder) === folder) {
      throw new ImpastoError("addon-missing", "Impasto's own folder was not found.", {
        hint: "Run Impasto from its repository or from the installed package.",
      });
    }
  }
}

function libraryPath(require: NodeJS.Require): string {
  let folder: string;
  try {
    folder = dirname(require.resolve("onnxruntime-node/package.json"));
  } catch (cause) {
    throw new ImpastoError("onnxruntime-missing", "The package onnxruntime-node is not installed.", {
      hint: "Run `npm ci` in Impasto's folder.",
      cause,
    });
  }
  const names: Partial<Record<NodeJS.Platform, string>> = {
    linux: "libonnxruntime.so.1",
    darwin: "libonnxruntime.1.dylib",
    win32: "onnxruntime.dll",
  };
  const name = names[process.platform];
  const path = join(folder, "bin", "napi-v6", process.platform, process.arch, name ?? "");
  if (name === undefined || !existsSync(dirname(path))) {
    throw new ImpastoError(
      "platform-unsupported",
      `ONNX Runtime ships no library for ${process.platform}-${process.arch}.`,
      { hint: "Use Linux (x64, arm64), macOS (arm64) or Windows (x64, arm64)." },
    );
  }
  if (!existsSync(path)) {
    throw new ImpastoError("onnxruntime-missing", `ONNX Runtime's library is missing: ${path}.`, {
      hint: "Run `npm ci` in Impasto's folder.",
    });
  }
  return path;
}

let opened: Addon | undefined;

/** [sync] The addon, opened once. Throws ImpastoError("addon-missing" | "onnxruntime-missing" | "platform-unsupported"). */
export function loadAddon(): Addon {
  if (opened !== undefined) return opened;
  const root = packageRoot();
  const require = createRequire(join(root, "package.json"));
  const library = libraryPath(require);
  // Tests of the sanitizer build name another addon.
  const path = process.env.IMPASTO_ADDON ?? join(root, "build", "Release", "impasto.node");
  if (!existsSync(path)) {
    throw new ImpastoError("addon-missing", "The native engine is not built.", {
      hint: "Run `npm run build` in Impasto's folder; it needs cmake and a C++ compiler.",
    });
  }
  let exports: AddonExports;
  try {
    exports = require(path) as AddonExports;
  } catch (cause) {
    throw new ImpastoError("addon-missing", "The native engine was built for another system and cannot be opened.", {
      hint: "Run `npm run build` in Impasto's folder.",
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
