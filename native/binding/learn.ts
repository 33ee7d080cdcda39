// Learning styles: the detailer fine-tuned on one or several style pictures and the frames that they will be applied to.

import type { Picture } from "../../companion/protocol/engine.ts";
import type { Progress } from "../../companion/protocol/progress.ts";
import { resolveSettings } from "../../companion/protocol/sizing.ts";
import { checkInteger, checkPath, checkPicture, checkSettings } from "./arguments.ts";
import { callBack, type StartedJob, startJob } from "./job.ts";
import { loadAddon } from "./load.ts";
import type { EngineSettings, Learned, Own, Painter } from "./types.ts";

/** Smaller ones have too few positions at the deep layers for statistics, and strokes of another size. */
const DRAFT_SIDE = 96;

export interface LearnRequest {
  /** One or more, of one detailer. */
  styles: readonly Picture[];
  /** One or more. */
  frames: readonly Picture[];
  /** How drafts are made; the quality is quick. */
  settings: EngineSettings;
  /** To learn for, the drafts left out. */
  seconds: number;
  /** Of the frames, each with a draft of its own: as many as these each style is learned from. */
  pieces: number;
  /** Px, a multiple of 16: lessons are drafts of this size, enlarged twice. Default: as quick pictures of 512 px are painted. */
  draftSide?: number;
  own: Own;
  /** For "stylebank": which convolution, counted from 0 in the order in which they run. */
  bank?: number;
  /** What the styles share stays as it is. */
  frozen?: boolean;
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
  const { styles, frames, settings, seconds, pieces, painter, criticPath, checkpoint } = request;
  const { own, bank = 0, frozen = false, draftSide = DRAFT_SIDE } = request;
  for (const [name, pictures] of Object.entries({ styles, frames })) {
    if (pictures.length === 0) throw new RangeError(`Expected one or more pictures for ${name} but received none.`);
    for (const [index, picture] of pictures.entries()) checkPicture(`${name}[${index}]`, picture);
  }
  checkSettings(settings);
  if (!(Number.isFinite(seconds) && seconds >= 0)) {
    throw new RangeError(`Expected a number of 0 or more for seconds but received ${seconds}.`);
  }
  checkInteger("pieces", pieces, 1, 1000);
  checkInteger("bank", bank, 0, 1000);
  checkInteger("draftSide / 16", draftSide / 16, 1, 16);
  checkPath("painter.networkPath", painter.networkPath);
  checkPath("painter.detailerPath", painter.detailerPath);
  checkPath("criticPath", criticPath);
  const { job: _, ...run } = startJob<Learned>(
    options.signal,
    (events) =>
      loadAddon().learn(
        {
          styles,
          frames,
          settings: resolveSettings(settings, frames[0] as Picture),
          seconds,
          pieces,
          draftSide,
          own,
          bank,
          shared: frozen ? "frozen" : "learned",
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
