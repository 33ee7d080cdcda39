// The one door to the native engine: nothing else in the companion imports native/binding/binding.ts.
// A wrong argument, which the binding answers with TypeError or RangeError, becomes a sentence for a person.

import {
  type CanonicalLosses,
  type EngineInfo,
  type EvaluateRequest,
  type Gpu,
  type GpuProbe,
  type LearnOptions,
  type LearnRequest,
  type LearnRun,
  devices as listDevices,
  type NativeRequest,
  type NativeRun,
  type NativeRunOptions,
  type NetworkFileInfo,
  type Painter,
  type PlanRequest,
  engineInfo as readEngineInfo,
  gpu as readGpu,
  readNetworkInfo,
  evaluate as runEvaluate,
  learn as runLearning,
  plan as runPlan,
  probeGpu as runProbe,
  type Snapshot,
  stylize as startRun,
  type TraceRecord,
} from "../native/binding/binding.ts";
import { packageVersion } from "./package-root.ts";
import type { Device } from "./protocol/devices.ts";
import { ImpastoError } from "./protocol/errors.ts";
import type { Plan } from "./protocol/plan.ts";

export type {
  CanonicalLosses,
  EngineInfo,
  EvaluateRequest,
  Gpu,
  GpuProbe,
  LearnRun,
  NetworkFileInfo,
  Painter,
  PlanRequest,
  Snapshot,
  TraceRecord,
};
export type EngineRun = NativeRun;
export type EngineRunOptions = NativeRunOptions;

/** Starts a run; `result` of the handle rejects with ImpastoError. @throws ImpastoError */
export function stylize(request: NativeRequest, options: EngineRunOptions = {}): EngineRun {
  try {
    return startRun(request, options);
  } catch (error) {
    throw toImpastoError(error);
  }
}

/** Starts learning a style; `result` of the handle rejects with ImpastoError. @throws ImpastoError */
export function learn(request: LearnRequest, options: LearnOptions = {}): LearnRun {
  try {
    return runLearning(request, options);
  } catch (error) {
    throw toImpastoError(error);
  }
}

/** Canonical losses, pixels as given. @throws ImpastoError */
export async function evaluate(request: EvaluateRequest): Promise<CanonicalLosses> {
  return await asImpasto(() => runEvaluate(request));
}

/** What a request would cost; starts nothing. @throws ImpastoError */
export async function plan(request: PlanRequest): Promise<Plan> {
  return await asImpasto(() => runPlan(request));
}

/** Every kind of device that this platform offers; gpu/choose-device.ts knows more of the GPU. @throws ImpastoError */
export async function devices(): Promise<Device[]> {
  return await asImpasto(() => listDevices());
}

/** What WebGPU would run on. @throws ImpastoError when the addon is missing */
export function gpu(): Gpu {
  try {
    return readGpu();
  } catch (error) {
    throw toImpastoError(error);
  }
}

/** Tries the GPU in this process, which it may hang or end. @throws ImpastoError */
export async function probeGpu(): Promise<GpuProbe> {
  return await asImpasto(() => runProbe());
}

/** Versions and defaults. @throws ImpastoError when the addon or ONNX Runtime is missing */
export function engineInfo(): EngineInfo {
  try {
    return readEngineInfo();
  } catch (error) {
    throw toImpastoError(error);
  }
}

/** For recipes: impasto, onnxruntime, node, platform. @throws ImpastoError as engineInfo */
export function engineVersions(): Record<string, string> {
  return {
    impasto: packageVersion(),
    onnxruntime: engineInfo().onnxruntime,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
}

/** What a network file holds. @throws ImpastoError bad-network, file-not-found or file-not-readable */
export function networkInfo(path: string): NetworkFileInfo {
  try {
    return readNetworkInfo(path);
  } catch (error) {
    throw toImpastoError(error);
  }
}

async function asImpasto<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toImpastoError(error);
  }
}

function toImpastoError(error: unknown): ImpastoError {
  if (error instanceof ImpastoError) return error;
  if (error instanceof TypeError || error instanceof RangeError) {
    return new ImpastoError("bad-request", error.message, { cause: error });
  }
  return new ImpastoError("internal", "The engine failed in a way that it should not.", { cause: error });
}
