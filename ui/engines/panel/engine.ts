// The panel as a StyleEngine: what runs when there is no companion. Pictures take turns, those of a batch as well.

import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { liveSettings } from "../../../companion/protocol/live.ts";
import type { Plan } from "../../../companion/protocol/plan.ts";
import { QUALITIES, qualitiesOf, type Settings } from "../../../companion/protocol/settings.ts";
import { checkMethod, checkPanel } from "../../../companion/protocol/settings-checks.ts";
import { longSide, resultSize, type Size } from "../../../companion/protocol/sizing.ts";
import { makeTurns } from "../../turns.ts";
import type {
  EngineBatch,
  EngineCapabilities,
  EngineRequest,
  EngineRun,
  LivePicture,
  RunListeners,
  StyleEngine,
} from "../style-engine.ts";
import type { GpuCapabilities } from "./backends/backend.ts";
import { isSoftware, shortGpuName } from "./backends/gpu-name.ts";
import { type PanelBatch, startPanelBatch } from "./batch.ts";
import { openPanelClient, type PanelClient } from "./client.ts";
import { quickSchedule } from "./core/quick-sizes.ts";
import { makeSchedule } from "./core/schedule.ts";
import type { NetworkFiles } from "./messages.ts";
import { startRun } from "./start-run.ts";

/** What the page that holds the panel was built with. */
export interface PanelParts {
  /** The built worker.ts. */
  script: string;
  /** The embedded ones. */
  networks: () => Promise<NetworkFiles>;
}

export function makePanelEngine(parts: PanelParts): StyleEngine {
  let opening: Promise<PanelClient> | null = null;
  const open = (): Promise<PanelClient> => {
    opening ??= parts
      .networks()
      .then((files) => openPanelClient(parts.script, files))
      .catch((error: unknown) => {
        opening = null;
        throw error;
      });
    return opening;
  };
  /** Learned from runs: seconds per iteration and pixel. */
  let secondsPerPixel: number | null = null;
  const inTurn = makeTurns();
  let asked = 0;
  /** The panel has one at a time. */
  let batch: PanelBatch | null = null;

  function stylize(request: EngineRequest, listeners: RunListeners, measure = false): EngineRun {
    if (asked > 0) listeners.onState?.("waiting");
    asked++;
    return startRun(request, listeners, {
      open,
      limit: limitSize,
      inTurn: (work) => inTurn(work).finally(() => asked--),
      learn(perPixel) {
        secondsPerPixel = perPixel;
      },
      measure,
    });
  }

  return {
    async capabilities(): Promise<EngineCapabilities> {
      const { capabilities } = await open();
      return {
        kind: "panel",
        device: deviceName(capabilities),
        methods: ["quick", "optimize"],
        live: !isSoftware(capabilities.name),
        largestSize: largestSize(capabilities),
      };
    },

    async live(request, signal): Promise<LivePicture> {
      if (asked > 0) throw new ImpastoError("busy", "A picture is in work, and comes first.");
      const settings = liveSettings(request.settings, request.content);
      const { bytes, width, height } = await stylize({ ...request, settings }, { signal }).result;
      return { bytes, width, height };
    },

    async plan(request): Promise<Plan | null> {
      checkMethod(request.settings);
      checkPanel(request.settings);
      const { capabilities } = await open();
      const settings = limitSize(request.settings, request.content, capabilities);
      const size = resultSize(request.content, settings);
      const schedule = QUALITIES[settings.quality].method === "quick" ? quickSchedule : makeSchedule;
      const scales = schedule(size, settings).map(({ width, height, iterations }) => ({
        width,
        height,
        iterations,
        secondsPerIteration: width * height * (secondsPerPixel ?? guessSecondsPerPixel(capabilities)),
        tile: 0,
      }));
      const seconds = scales.reduce((sum, scale) => sum + scale.iterations * scale.secondsPerIteration, 0);
      return {
        ...size,
        scales,
        peakBytes: size.width * size.height * BYTES_PER_PIXEL,
        seconds: settings.budget ?? seconds,
        fits: true,
        largestSize: largestSize(capabilities),
        device: capabilities.backend,
      };
    },

    stylize(request, listeners): EngineRun {
      batch?.giveUpTurn();
      return stylize(request, listeners);
    },

    async startBatch(request, listeners): Promise<EngineBatch> {
      batch = await startPanelBatch({ stylize: (frame, told) => stylize(frame, told, true) }, request, listeners);
      return batch;
    },

    /** A batch of the panel ends with the panel. */
    attachBatch: () => Promise.resolve(null),
    convert: null,
    school: null,
    models: null,
    archive: null,
  };
}

/** Features and gradients of the quarter-width network, forward and backward; measured. */
const BYTES_PER_PIXEL = 1400;

/** Above this a laptop's GPU may lose its context; software rendering would take minutes for less. */
function largestSize({ float32, name }: GpuCapabilities): number {
  if (isSoftware(name)) return 256;
  return float32 ? 1024 : 512;
}

/** Before anything was measured: a laptop's integrated GPU, and a CPU that pretends to be one. */
function guessSecondsPerPixel({ name }: GpuCapabilities): number {
  return isSoftware(name) ? 6e-5 : 1e-6;
}

const BACKEND_NAMES = { webgl: "WebGL", webgpu: "WebGPU" } as const;

function deviceName({ backend, name }: GpuCapabilities): string {
  return `This panel on ${BACKEND_NAMES[backend]} (${shortGpuName(name)})`;
}

/** What this engine can do of what was asked: none that are too large for the GPU. */
function limitSize(asked: Settings, content: Size, capabilities: GpuCapabilities): Settings {
  const limit = largestSize(capabilities);
  if (asked.size !== null) return { ...asked, size: Math.min(asked.size, limit) };
  const { method, size } = QUALITIES[asked.quality];
  if (method === "quick") return { ...asked, size: Math.min(size, longSide(content), limit) };
  const fitting = qualitiesOf(["optimize"]).filter((quality) => QUALITIES[quality].size <= limit);
  return fitting.includes(asked.quality) ? asked : { ...asked, quality: fitting.at(-1) ?? "draft" };
}
