// The panel as a StyleEngine: what runs when there is no companion. Pictures of a batch take turns.

import type { Plan } from "../../../companion/protocol/engine.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import type {
  EngineBatch,
  EngineCapabilities,
  EngineRequest,
  EngineResult,
  EngineRun,
  RunListeners,
  StyleEngine,
} from "../style-engine.ts";
import type { GpuCapabilities } from "./backend.ts";
import { startPanelBatch } from "./batch.ts";
import { openWebglClient, type WebglClient } from "./client.ts";
import { decodePicture, encodePicture, previewBitmap } from "./pixels.ts";
import { makeSchedule, resultSize } from "./schedule.ts";

/** What the page that holds the panel was built with. */
export interface WebglParts {
  /** The built worker.ts. */
  script: string;
  /** The embedded network, safetensors. */
  network: () => Promise<Uint8Array>;
}

/** Previews are drawn this often at most. */
const PREVIEW_INTERVAL_MS = 250;

export function makeWebglEngine(parts: WebglParts): StyleEngine {
  let opening: Promise<WebglClient> | null = null;
  const open = (): Promise<WebglClient> => {
    opening ??= parts
      .network()
      .then((network) => openWebglClient(parts.script, network))
      .catch((error: unknown) => {
        opening = null;
        throw error;
      });
    return opening;
  };
  /** Learned from runs: seconds per iteration and pixel. */
  let secondsPerPixel: number | null = null;

  const engine: StyleEngine = {
    async capabilities(): Promise<EngineCapabilities> {
      const { capabilities } = await open();
      return { kind: "panel", device: deviceName(capabilities), largestSize: largestSize(capabilities) };
    },

    async plan(request): Promise<Plan | null> {
      const { capabilities } = await open();
      const settings = limitSize(request.settings, capabilities);
      const size = resultSize(request.content, settings);
      const scales = makeSchedule(size, settings).map(({ width, height, iterations }) => ({
        width,
        height,
        iterations,
        secondsPerIteration: width * height * (secondsPerPixel ?? guessSecondsPerPixel(capabilities)),
      }));
      const seconds = scales.reduce((sum, scale) => sum + scale.iterations * scale.secondsPerIteration, 0);
      return {
        ...size,
        scales,
        peakBytes: size.width * size.height * BYTES_PER_PIXEL,
        seconds: settings.budget ?? seconds,
        fits: true,
        largestSize: largestSize(capabilities),
        device: "webgl",
      };
    },

    stylize(request, listeners): EngineRun {
      return startRun(open(), request, listeners, (perPixel) => {
        secondsPerPixel = perPixel;
      });
    },

    startBatch: (request, listeners): Promise<EngineBatch> => startPanelBatch(engine, request, listeners),

    /** A batch of the panel ends with the panel. */
    attachBatch: () => Promise.resolve(null),
  };
  return engine;
}

/** Features and gradients of the quarter-width network, forward and backward; measured. */
const BYTES_PER_PIXEL = 1400;

/** Above this a laptop's GPU may lose its context; software rendering would take minutes for less. */
function largestSize({ float32, name }: GpuCapabilities): number {
  if (isSoftware(name)) return 256;
  return float32 ? 1024 : 512;
}

function isSoftware(name: string): boolean {
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}

/** Before anything was measured: a laptop's integrated GPU, and a CPU that pretends to be one. */
function guessSecondsPerPixel({ name }: GpuCapabilities): number {
  return isSoftware(name) ? 6e-5 : 1e-6;
}

function deviceName({ name }: GpuCapabilities): string {
  const inner = /ANGLE \(([^,]+, )?([^,]+)/.exec(name)?.[2] ?? name;
  return `This panel (${isSoftware(name) ? "no GPU" : inner.trim()})`;
}

function limitSize(settings: Settings, capabilities: GpuCapabilities): Settings {
  const limit = largestSize(capabilities);
  if (settings.size !== null) return { ...settings, size: Math.min(settings.size, limit) };
  return settings.quality === "fine" && limit < 1024
    ? { ...settings, quality: limit < 512 ? "draft" : "standard" }
    : settings;
}

function startRun(
  opening: Promise<WebglClient>,
  request: EngineRequest,
  listeners: RunListeners,
  learn: (secondsPerPixel: number) => void,
): EngineRun {
  /** Until the run has begun, what is asked of it waits here. */
  let pending: Partial<Settings> = {};
  let paused = false;
  let stopped = false;
  let run: ReturnType<WebglClient["stylize"]> | null = null;
  let lastPreview = 0;

  async function begin(): Promise<EngineResult> {
    const client = await opening;
    const settings = limitSize({ ...request.settings, ...pending }, client.capabilities);
    const longSide = Math.max(...Object.values(resultSize(request.content, settings)));
    const picture = (source: EngineRequest["content"], scale: number) =>
      decodePicture(source, Math.ceil(longSide * Math.max(1, scale)));
    const content = await picture(request.content, 1);
    const styles = [];
    for (const style of request.styles) {
      styles.push({ picture: await picture(style.picture, settings.styleScale), weight: style.weight });
    }
    const initial = request.initial === undefined ? null : await picture(request.initial, 1);
    if (listeners.signal?.aborted) throw new ImpastoError("cancelled", "The run was cancelled.");
    if (!paused) listeners.onState?.("running");
    run = client.stylize(
      {
        content,
        styles,
        settings: initial === null ? settings : { ...settings, init: "image" },
        ...(initial !== null && { initial }),
      },
      {
        ...(listeners.signal !== undefined && { signal: listeners.signal }),
        onProgress(progress) {
          learn(progress.secondsElapsed / Math.max(1, pixelIterations(settings, content, progress.totalIteration)));
          listeners.onProgress?.(progress);
          if (performance.now() - lastPreview >= PREVIEW_INTERVAL_MS) void sendPreview();
        },
      },
    );
    if (paused) run.pause();
    if (stopped) run.stop();
    const result = await run.result;
    const bytes = await encodePicture(result.picture);
    const { iterations, seconds, device } = result;
    const { width, height } = result.picture;
    return { bytes, width, height, iterations, seconds, device, stopped: result.stopped };
  }

  async function sendPreview(): Promise<void> {
    lastPreview = performance.now();
    const preview = await run?.preview();
    if (preview) listeners.onPreview?.(await previewBitmap(preview));
  }

  return {
    result: begin(),
    update(settings) {
      pending = { ...pending, ...settings };
      run?.update(settings);
    },
    pause() {
      paused = true;
      run?.pause();
      listeners.onState?.("paused");
    },
    resume() {
      paused = false;
      run?.resume();
      listeners.onState?.("running");
    },
    stop() {
      stopped = true;
      run?.stop();
    },
  };
}

/** Pixels times iterations that the first `total` iterations of a schedule work on. */
function pixelIterations(settings: Settings, content: { width: number; height: number }, total: number): number {
  let left = total;
  let sum = 0;
  for (const { width, height, iterations } of makeSchedule(resultSize(content, settings), settings)) {
    const here = Math.min(left, iterations);
    sum += width * height * here;
    left -= here;
  }
  return sum;
}
