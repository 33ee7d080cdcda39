// Learning a style: the detailer fine-tuned on one style picture and the frames that it will be applied to.

import type { Picture } from "../../companion/protocol/engine.ts";
import type { Progress } from "../../companion/protocol/progress.ts";
import { resolveSettings } from "../../companion/protocol/sizing.ts";
import { checkInteger, checkPath, checkPicture, checkSettings } from "./arguments.ts";
import { callBack, type StartedJob, startJob } from "./job.ts";
import { loadAddon } from "./load.ts";
import type { EngineSettings, Learned, Painter } from "./types.ts";

export interface LearnRequest {
  style: Picture;
  /** One or more. */
  frames: readonly Picture[];
  /** How drafts are made; the quality is quick. */
  settings: EngineSettings;
  /** To learn for, the drafts left out. */
  seconds: number;
  /** Of the frames, each with a draft of its own: as many as these are learned from. */
  pieces: number;
  /** From which learning starts. */
  painter: Painter;
  /** A second network, beside the painter's own, that says how far pictures are from the style. */
  criticPath: string;
  /** From LearnRun.checkpoint() of the same request: goes on from there. */
  checkpoint?: Uint8Array;
}

export interface LearnOptions {
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** Its preview is the first piece of a frame as it is painted by what has been learned; null while drafts are made. */
export type LearnRun = Omit<StartedJob<Learned>, "job">;

/**
 * [async] Starts learning; it takes its turn among the runs of this process. stop() ends it with what was learned so far.
 * Throws TypeError or RangeError at once for a wrong argument; everything later rejects `result` with an ImpastoError.
 */
export function learn(request: LearnRequest, options: LearnOptions = {}): LearnRun {
  const { style, frames, settings, seconds, pieces, painter, criticPath, checkpoint } = request;
  checkPicture("style", style);
  if (frames.length === 0) throw new RangeError("Expected one or more pictures for frames but received none.");
  for (const [index, frame] of frames.entries()) checkPicture(`frames[${index}]`, frame);
  checkSettings(settings);
  if (!(Number.isFinite(seconds) && seconds >= 0)) {
    throw new RangeError(`Expected a number of 0 or more for seconds but received ${seconds}.`);
  }
  checkInteger("pieces", pieces, 1, 1000);
  checkPath("painter.networkPath", painter.networkPath);
  checkPath("painter.detailerPath", painter.detailerPath);
  checkPath("criticPath", criticPath);
  const { job: _, ...run } = startJob<Learned>(
    options.signal,
    (events) =>
      loadAddon().learn(
        {
          style,
          frames,
          settings: resolveSettings(settings, frames[0] as Picture),
          seconds,
          pieces,
          ...painter,
          criticPath,
          checkpoint: checkpoint ?? null,
        },
        events,
      ),
    { progress: (progress) => callBack(options.onProgress, progress), trace: () => {}, snapshot: () => {} },
  );
  return run;
}
