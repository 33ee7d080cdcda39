// The typed face of the native engine. Everything that comes from outside is checked here, by name;
// the addon behind it is opened on the first call (native/binding/load.ts) and takes only resolved, plain values.
//   const run = stylize({ content, styles: [{ picture, weight: 1 }], settings, networkPath }, { onProgress });
//   const { picture } = await run.result;

import type { Device } from "../../companion/protocol/devices.ts";
import type { Preview, StylizeResult } from "../../companion/protocol/engine.ts";
import { ImpastoError } from "../../companion/protocol/errors.ts";
import type { Plan } from "../../companion/protocol/plan.ts";
import type { Progress } from "../../companion/protocol/progress.ts";
import { partsOf, refuseQuickMasks, toMask } from "../../companion/protocol/mask.ts";
import { QUALITIES, type Settings } from "../../companion/protocol/settings.ts";
import { resolveSettings } from "../../companion/protocol/sizing.ts";
import { checkEvaluateRequest, checkPath, checkPlanRequest, checkRequest, checkUpdate } from "./arguments.ts";
import { loadAddon, toImpastoError } from "./load.ts";
import type {
  CanonicalLosses,
  EngineInfo,
  EvaluateRequest,
  Gpu,
  GpuProbe,
  NativeRequest,
  NativeRun,
  NativeRunOptions,
  NetworkFileInfo,
  PlanRequest,
  Snapshot,
  TraceRecord,
} from "./types.ts";

export type * from "./types.ts";

/**
 * [async] Starts a run; runs of one process take turns. Throws TypeError or RangeError at once for a wrong argument;
 * everything later rejects `result` with an ImpastoError.
 */
export function stylize(request: NativeRequest, options: NativeRunOptions = {}): NativeRun {
  checkRequest(request, options);
  refuseQuickMasks(request, QUALITIES[request.settings.quality].method);
  const { signal, onProgress, onTrace, snapshots } = options;
  const addon = loadAddon();
  const events: {
    resolve?: (result: StylizeResult) => void;
    reject?: (error: unknown) => void;
  } = {};
  const result = new Promise<StylizeResult>((resolve, reject) => {
    events.resolve = resolve;
    events.reject = reject;
  });
  if (signal?.aborted) {
    events.reject?.(cancelled(signal));
    return finishedRun(result);
  }
  const job = addon.start(
    {
      content: request.content,
      styles: request.styles.map(({ picture, weight, region, source }) => ({
        picture,
        weight,
        region: region === undefined ? null : toMask(region),
        source: source === undefined ? null : toMask(source),
      })),
      protect: request.protect === undefined ? null : toMask(request.protect),
      initial: request.initial ?? null,
      settings: resolveSettings(request.settings, request.content),
      networkPath: request.networkPath,
      draftNetworkPath: request.painter?.networkPath ?? "",
      detailerPath: request.painter?.detailerPath ?? "",
      checkpoint: request.checkpoint ?? null,
      shot: request.shot ?? null,
      trace: onTrace !== undefined,
      snapshotEvery: snapshots?.every ?? 0,
    },
    {
      progress: (progress: Progress) => callBack(onProgress, progress),
      trace: (records: TraceRecord[]) => callBack(onTrace, records),
      snapshot: (snapshot: Snapshot) => callBack(snapshots?.onSnapshot, snapshot),
      done: (outcome: StylizeResult) => settle(() => events.resolve?.(outcome)),
      failed: (error: unknown) => {
        const known = toImpastoError(error);
        const aborted = known instanceof ImpastoError && known.code === "cancelled";
        settle(() => events.reject?.(aborted ? cancelled(signal) : known));
      },
    },
  );
  let live: Settings = request.settings;
  const abort = () => job.cancel();
  signal?.addEventListener("abort", abort, { once: true });
  function settle(how: () => void): void {
    signal?.removeEventListener("abort", abort);
    how();
  }
  return {
    result,
    update: (settings) => {
      checkUpdate(settings, live);
      live = { ...live, ...settings };
      job.update(resolveSettings(live, request.content));
    },
    pause: () => job.pause(),
    resume: () => job.resume(),
    stop: () => job.stop(),
    preview: () => convertErrors(job.preview()),
    checkpoint: () => convertErrors(job.checkpoint()),
  };
}

/** [async] The canonical losses of `image` against a content and a style, pixels as given: nothing is resized. */
export async function evaluate(request: EvaluateRequest): Promise<CanonicalLosses> {
  checkEvaluateRequest(request);
  return await convertErrors(loadAddon().evaluate({ ...request, threads: request.threads ?? 0 }));
}

/** [async] What a request would cost, without starting it: a small probe is timed, memory is predicted from the shapes. */
export async function plan(request: PlanRequest): Promise<Plan> {
  checkPlanRequest(request);
  refuseQuickMasks(request, QUALITIES[request.settings.quality].method);
  const { content, networkPath } = request;
  const draftNetworkPath = request.painter?.networkPath ?? "";
  const settings = resolveSettings(request.settings, content);
  return await convertErrors(
    loadAddon().plan({ content, settings, networkPath, draftNetworkPath, ...partsOf(request) }),
  );
}

/** [async] Every kind of device this platform's library offers; the GPU is looked at but not tried. */
export async function devices(): Promise<Device[]> {
  return await convertErrors(loadAddon().devices());
}

/** [sync] The graphics card that WebGPU would run on, and why none of them will do. */
export function gpu(): Gpu {
  try {
    return loadAddon().gpu();
  } catch (error) {
    throw toImpastoError(error);
  }
}

/** [async] Tries the GPU. A driver may hang or crash meanwhile: call it in a process that can be spared. */
export async function probeGpu(): Promise<GpuProbe> {
  return await convertErrors(loadAddon().probeGpu());
}

/** [sync] Versions and defaults of the engine. */
export function engineInfo(): EngineInfo {
  const addon = loadAddon();
  try {
    return { ...addon.info(), addon: addon.path };
  } catch (error) {
    throw toImpastoError(error);
  }
}

/** [sync] Reads and checks a network file. Throws ImpastoError("bad-network" | "file-not-found" | "file-not-readable"). */
export function readNetworkInfo(path: string): NetworkFileInfo {
  checkPath("path", path);
  try {
    return loadAddon().readNetworkInfo(path);
  } catch (error) {
    throw toImpastoError(error);
  }
}

/** A callback's error is the caller's own: an uncaught exception, which keeps neither other callbacks nor the result back. */
function callBack<T>(callback: ((value: T) => void) | undefined, value: T): void {
  try {
    callback?.(value);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

function cancelled(signal: AbortSignal | undefined): ImpastoError {
  return new ImpastoError("cancelled", "The run was cancelled.", { cause: signal?.reason });
}

async function convertErrors<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw toImpastoError(error);
  }
}

/** The handle of a run whose signal had aborted before it started. */
function finishedRun(result: Promise<StylizeResult>): NativeRun {
  const nothing = () => {};
  const preview = (): Promise<Preview | null> => Promise.resolve(null);
  const checkpoint = (): Promise<Uint8Array | null> => Promise.resolve(null);
  return { result, update: nothing, pause: nothing, resume: nothing, stop: nothing, preview, checkpoint };
}
