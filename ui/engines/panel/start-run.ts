// One picture through the worker, from encoded pictures to a PNG; waits for its turn.

import type { StylizeRequest } from "../../../companion/protocol/engine.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { checkMask, toMask } from "../../../companion/protocol/mask.ts";
import { isMaskRole, mapPicturesInTurn } from "../../../companion/protocol/request.ts";
import { parseSettings, type Settings } from "../../../companion/protocol/settings.ts";
import {
  checkLayerWeights,
  checkLive,
  checkMethod,
  checkPanel,
  checkStyles,
} from "../../../companion/protocol/settings-checks.ts";
import { decodeSide, resultSize, type Size } from "../../../companion/protocol/sizing.ts";
import type { SourcePicture } from "../../host.ts";
import type { EngineRequest, EngineResult, EngineRun, RunListeners } from "../style-engine.ts";
import type { GpuCapabilities } from "./backends/backend.ts";
import type { PanelClient } from "./client.ts";
import { makeSchedule } from "./core/schedule.ts";
import { decodeMask, decodePicture, encodePicture, previewBitmap } from "./pixels.ts";

export interface RunContext {
  open(): Promise<PanelClient>;
  /** What this GPU can do of what was asked for. */
  limit(settings: Settings, content: Size, capabilities: GpuCapabilities): Settings;
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  learn(secondsPerPixel: number): void;
  /** Whether the result is to say how far it is from its style. */
  measure: boolean;
}

/** Previews are drawn this often at most. */
const PREVIEW_INTERVAL_MS = 250;

export function startRun(request: EngineRequest, listeners: RunListeners, context: RunContext): EngineRun {
  const { signal, onProgress, onPreview, onState } = listeners;
  /** Until the run has begun, what is asked of it waits here. */
  let pending: Partial<Settings> = {};
  let paused = false;
  let stopped = false;
  let isMyTurn = false;
  let run: ReturnType<PanelClient["stylize"]> | null = null;
  let lastPreview = 0;

  async function perform(): Promise<EngineResult> {
    isMyTurn = true;
    if (signal?.aborted) throw cancelled();
    if (!paused) onState?.("running");
    const client = await context.open();
    const settings = context.limit(checked({ ...request.settings, ...pending }), request.content, client.capabilities);
    pending = {};
    const input = await decodeAll(request, settings);
    if (signal?.aborted) throw cancelled();
    run = client.stylize(input, {
      ...(signal !== undefined && { signal }),
      measure: context.measure,
      onProgress(progress) {
        if (signal?.aborted) return;
        if (progress.phase === "optimize") {
          const done = pixelIterations(settings, input.content, progress.totalIteration);
          context.learn(progress.secondsElapsed / Math.max(1, done));
        }
        onProgress?.(progress);
        if (performance.now() - lastPreview >= PREVIEW_INTERVAL_MS) void sendPreview();
      },
    });
    // What was changed while the pictures were decoded.
    if (Object.keys(pending).length > 0) run.update(pending);
    if (paused) run.pause();
    if (stopped) run.stop();
    const result = await run.result;
    const bytes = await encodePicture(result.picture);
    const { iterations, seconds, device, stopped: early, notes, styleDistance } = result;
    const { width, height } = result.picture;
    const told = { ...(notes && { notes }), ...(styleDistance !== undefined && { styleDistance }) };
    return { bytes, width, height, iterations, seconds, device, stopped: early, ...told };
  }

  async function sendPreview(): Promise<void> {
    lastPreview = performance.now();
    const preview = await run?.preview();
    if (preview && !signal?.aborted) onPreview?.(await previewBitmap(preview));
  }

  return {
    result: orAborted(context.inTurn(perform), signal),
    update(settings) {
      checkLive(settings);
      if (run === null) pending = { ...pending, ...settings };
      else run.update(settings);
    },
    pause() {
      paused = true;
      run?.pause();
      onState?.("paused");
    },
    resume() {
      paused = false;
      run?.resume();
      onState?.(isMyTurn ? "running" : "waiting");
    },
    stop() {
      stopped = true;
      run?.stop();
    },
  };
}

function checked(settings: Settings): Settings {
  const known = parseSettings(settings);
  checkLayerWeights(known);
  checkMethod(known);
  checkPanel(known);
  return known;
}

async function decodeAll(request: EngineRequest, settings: Settings): Promise<StylizeRequest> {
  const { content } = request;
  checkStyles(settings, request.styles);
  const decoded = await mapPicturesInTurn({ ...request, settings }, async (picture: SourcePicture, role) => {
    const side = decodeSide(role, content, settings);
    if (!isMaskRole(role)) return decodePicture(picture, side);
    const mask = await decodeMask(picture, side);
    checkMask(toMask(mask), role, `“${picture.name}”`);
    return mask;
  });
  return request.initial === undefined ? decoded : { ...decoded, settings: { ...settings, init: "image" } };
}

/** A picture that is cancelled while it waits does not wait for its turn to say so. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(cancelled()), { once: true });
    work.then(resolve, reject);
  });
}

function cancelled(): ImpastoError {
  return new ImpastoError("cancelled", "The run was cancelled.");
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
