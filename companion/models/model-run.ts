// The method "model": a network of others paints the picture. Plan, requirements and run, as the engine's methods have
// them; each job's process is kept for a while, because a batch asks for the same one again and again.

import type { StylizeRequest, StylizeResult } from "../protocol/engine.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { Model } from "../protocol/models.ts";
import type { Plan } from "../protocol/plan.ts";
import { NO_LOSSES, type Progress } from "../protocol/progress.ts";
import type { PicturesOf, RequestOf } from "../protocol/request.ts";
import type { Settings } from "../protocol/settings.ts";
import { longSide, resultSize, type Size } from "../protocol/sizing.ts";
import { checkValues } from "./feeds.ts";
import { availableBytes, peakBytesOf, roomForPixels, runLimitBytes } from "./memory.ts";
import type { ModelProcess } from "./model-process.ts";
import { paintWith } from "./paint.ts";
import { rest, warmProcess } from "./warm-process.ts";
import { MARGIN_PX, planWindows } from "./windows.ts";

/** A model and where its files lie. */
export interface LocatedModel {
  model: Model;
  files: { main: string; style?: string };
}

export interface ModelRunOptions {
  threads: number;
  onProgress(progress: Progress): void;
  signal: AbortSignal;
}

/** As ChildRun in supervisor/child-engine.ts wants it. */
export interface ModelRun {
  result: Promise<StylizeResult>;
  update(settings: Partial<Settings>): void;
  pause(): void;
  resume(): void;
  stop(): void;
  preview(): Promise<null>;
  checkpoint(): Promise<null>;
}

/** A run that fails for want of memory says what would fit; below this no window is tried, px. */
const LEAST_TILE_PX = 256;
const DEVICE = "cpu";

/** Throws ImpastoError: what the network does not take of the request. */
export function checkRequest({ model }: LocatedModel, request: PicturesOf<unknown> & { settings: Settings }): void {
  const { name, descriptor } = model;
  const { styles, settings } = request;
  const refuse = (message: string, hint: string) => new ImpastoError("bad-request", message, { hint });
  if (styles.some(({ region, source }) => region !== undefined || source !== undefined)) {
    throw refuse(`${name} paints the whole picture: it knows no regions.`, "Leave the regions out; --protect works.");
  }
  if (descriptor.style === null && styles.length > 0) {
    throw refuse(`${name} is a style of its own and takes no style picture.`, "Leave the style picture out.");
  }
  if (descriptor.style !== null && styles.length !== 1) {
    const message =
      styles.length === 0 ? `${name} paints in the manner of a picture.` : `${name} takes one style picture.`;
    throw refuse(message, "Give it one style picture.");
  }
  checkValues(descriptor, settings.modelInput ?? {});
}

/** What a window measures: all of the picture with its margins where that fits, or what the network or a person says. */
function windowOf(model: Model, result: Size, tile: number | null): Size {
  const { fixed, multiple } = model.descriptor.content;
  if (fixed !== null) return fixed;
  const up = (side: number) => Math.ceil(side / multiple) * multiple;
  const whole = { width: up(result.width + 2 * MARGIN_PX), height: up(result.height + 2 * MARGIN_PX) };
  const room = roomForPixels(model);
  if (tile === null && whole.width * whole.height <= room) return whole;
  const side = up(tile ?? Math.max(LEAST_TILE_PX, Math.floor(Math.sqrt(room)) - multiple));
  return { width: Math.min(whole.width, side), height: Math.min(whole.height, side) };
}

export function planModelRun(located: LocatedModel, request: RequestOf<Size>): Plan {
  checkRequest(located, request);
  const { model } = located;
  const { settings } = request;
  const result = resultSize(request.content, settings);
  const window = windowOf(model, result, settings.modelTile);
  const { lefts, tops } = planWindows(result, window);
  const windows = lefts.length * tops.length;
  const secondsPerIteration = model.secondsPerPixel * window.width * window.height;
  const peakBytes = peakBytesOf(model, window.width * window.height) + PICTURE_BYTES * result.width * result.height;
  const tile = windows > 1 ? longSide(window) : 0;
  return {
    ...result,
    scales: [{ ...result, iterations: windows, secondsPerIteration, tile }],
    peakBytes,
    seconds: windows * secondsPerIteration,
    fits: peakBytes <= availableBytes(),
    largestSize: Math.max(longSide(result), LEAST_TILE_PX),
    device: DEVICE,
  };
}

/** Of the pictures that are held at once: content, window sums, result, each three or four floats. */
const PICTURE_BYTES = 64;

export function startModelRun(located: LocatedModel, request: StylizeRequest, options: ModelRunOptions) {
  checkRequest(located, request);
  const { model } = located;
  const { content, settings } = request;
  const result = resultSize(content, settings);
  const window = windowOf(model, result, settings.modelTile);
  return { run: begin(located, request, window, options), tile: longSide(window) };
}

function begin(located: LocatedModel, request: StylizeRequest, window: Size, options: ModelRunOptions): ModelRun {
  const { signal, onProgress, threads } = options;
  let live = request.settings;
  let paused = false;
  let stopped = false;
  let wake = () => {};

  async function mayGoOn(): Promise<boolean> {
    while (paused && !stopped && !signal.aborted) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (signal.aborted) throw new ImpastoError("cancelled", "Cancelled.");
    return !stopped;
  }

  async function work(): Promise<StylizeResult> {
    const begun = performance.now();
    const { model, files } = located;
    const tell = progressOf(request, window, begun, onProgress);
    const limitBytes = runLimitBytes(model, window.width * window.height);
    const process: ModelProcess = await warmProcess(model, files, { threads, limitBytes });
    const abort = () => {
      process.close();
      wake();
    };
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    try {
      tell(0);
      const steps = { onWindow: tell, mayGoOn };
      const current = () => live;
      const painted = await paintWith(process, model, request, window, steps, current);
      const notes = notesOf(model, window, painted.windows);
      return {
        picture: painted.picture,
        losses: NO_LOSSES,
        iterations: painted.windows,
        seconds: (performance.now() - begun) / 1000,
        device: DEVICE,
        stopped: painted.stopped,
        ...(notes.length > 0 && { notes }),
      };
    } finally {
      signal.removeEventListener("abort", abort);
      rest(process);
    }
  }

  return {
    result: work(),
    update(change) {
      live = { ...live, ...change };
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      wake();
    },
    stop() {
      stopped = true;
      wake();
    },
    preview: async () => null,
    checkpoint: async () => null,
  };
}

function progressOf(request: StylizeRequest, window: Size, begun: number, onProgress: (progress: Progress) => void) {
  const { width, height } = resultSize(request.content, request.settings);
  const { lefts, tops } = planWindows({ width, height }, window);
  const all = lefts.length * tops.length;
  return (done: number): void => {
    const secondsElapsed = (performance.now() - begun) / 1000;
    onProgress({
      phase: "model",
      fraction: done / all,
      scale: Math.max(width, height),
      scaleIndex: 0,
      scaleCount: 1,
      width,
      height,
      iteration: done,
      iterations: all,
      totalIteration: done,
      totalIterations: all,
      losses: NO_LOSSES,
      secondsElapsed,
      secondsLeft: done === 0 ? 0 : (secondsElapsed / done) * (all - done),
      device: DEVICE,
    });
  };
}

function notesOf({ name, looksAtAll }: Model, { width, height }: Size, windows: number): string[] {
  if (windows < 2 || !looksAtAll) return [];
  return [
    `${name} looks at the whole of what it is given, and was given ${windows} windows of ${width} × ${height} px: ` +
      "their tones may differ. A smaller --size needs fewer.",
  ];
}
