// The typed face of the native engine. Everything that comes from outside is checked here, by name;
// the addon behind it is opened on the first call (native/binding/load.ts) and takes only resolved, plain values.
//   const run = stylize({ content, styles: [{ picture, weight: 1 }], settings, networkPath }, { onProgress });
//   const { picture } = await run.result;

import type { Device } from "../../companion/protocol/devices.ts";
import type { StylizeResult } from "../../companion/protocol/engine.ts";
import { partsOf, refuseSequenceMasks, toMask } from "../../companion/protocol/mask.ts";
import type { Plan } from "../../companion/protocol/plan.ts";
import type { Progress } from "../../companion/protocol/progress.ts";
import type { Method, Settings } from "../../companion/protocol/settings.ts";
import { checkStyles } from "../../companion/protocol/settings-checks.ts";
import { resolveSettings } from "../../companion/protocol/sizing.ts";
import { checkEvaluateRequest, checkPath, checkPlanRequest, checkRequest, checkUpdate } from "./arguments.ts";
import { callBack, convertErrors, startJob } from "./job.ts";
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

export { type LearnOptions, type LearnRequest, type LearnRun, learn } from "./learn.ts";
export type * from "./types.ts";

/**
 * [async] Starts a run; runs of one process take turns. Throws TypeError or RangeError at once for a wrong argument;
 * everything later rejects `result` with an ImpastoError.
 */
export function stylize(request: NativeRequest, options: NativeRunOptions = {}): NativeRun {
  checkRequest(request, options);
  checkStyles(request.settings, request.styles);
  const method = methodOf(request);
  if (request.shot !== undefined) refuseSequenceMasks(request);
  const { signal, onProgress, onTrace, snapshots } = options;
  let live: Settings = request.settings;
  const { job, ...run } = startJob<StylizeResult>(
    signal,
    (events) =>
      loadAddon().start(
        {
          content: request.content,
          styles: request.styles.map(({ picture, weight, region, source, layers }) => ({
            picture,
            weight,
            layers: layers ?? [],
            region: region === undefined ? null : toMask(region),
            source: source === undefined ? null : toMask(source),
          })),
          protect: request.protect === undefined ? null : toMask(request.protect),
          initial: request.initial ?? null,
          settings: resolveSettings(request.settings, request.content, method),
          networkPath: request.networkPath,
          draftNetworkPath: request.painter?.networkPath ?? "",
          detailerPath: request.painter?.detailerPath ?? "",
          checkpoint: request.checkpoint ?? null,
          shot: request.shot ?? null,
          trace: onTrace !== undefined,
          snapshotEvery: snapshots?.every ?? 0,
        },
        events,
      ),
    {
      progress: (progress: Progress) => callBack(onProgress, progress),
      trace: (records: TraceRecord[]) => callBack(onTrace, records),
      snapshot: (snapshot: Snapshot) => callBack(snapshots?.onSnapshot, snapshot),
    },
  );
  return {
    ...run,
    update: (settings) => {
      checkUpdate(settings, live);
      live = { ...live, ...settings };
      job?.update(resolveSettings(live, request.content, method));
    },
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
  const method = methodOf(request);
  const { content, networkPath } = request;
  const draftNetworkPath = request.painter?.networkPath ?? "";
  const settings = resolveSettings(request.settings, content, method);
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

/** Who brings what paints quick pictures wants one to begin with. */
function methodOf({ painter }: Pick<NativeRequest, "painter">): Method {
  return painter === undefined ? "optimize" : "quick";
}
