// What the companion and its engine child say to each other. Pictures travel as paths of files; only a live one, which is
// small and is to stand on no disk, comes back as bytes.
// Types only: a child starts the faster for every module that it does not load.

import type { ErrorBody } from "../protocol/errors.ts";
import type { Progress } from "../protocol/progress.ts";
import type { Recipe, SettingsChange } from "../protocol/recipe.ts";
import type { RequestOf } from "../protocol/request.ts";
import type { PictureRef } from "../protocol/request-schema.ts";
import type { Settings } from "../protocol/settings.ts";
import type { ModelToExamine, RunFiles } from "./child-engine.ts";
import type { MemoryBudget } from "./memory-budget.ts";

export interface PictureFile {
  path: string;
  /** How to call it in a message. */
  name: string;
  /** For the recipe. */
  ref: PictureRef;
}

/** Everything that one attempt needs. */
export interface RunOrder extends RunFiles {
  job: string;
  attempt: number;
  /** Its settings as asked for, before changes: what the recipe says. */
  request: RequestOf<PictureFile>;
  /** What is done otherwise than asked: on the CPU after another device failed, or as an earlier run was done. */
  overrides: Partial<Settings>;
  /** Made since, in order; they hold from the start of this attempt. */
  changes: SettingsChange[];
  /** Ends at once with the best picture so far. */
  stop: boolean;
  /** What an earlier run went through, to be gone through again. */
  repeat?: { changes: SettingsChange[]; stopAt: number | null };
  /** Of a frame of an animation: where the frame before left its state, as a checkpoint of the batch. */
  shot?: { batch: string; path: string };
  /** Goes on from here, if the file is whole. */
  resumeFrom?: string;
  /** Its distance from the style is told beside the result. */
  measure?: boolean;
  /** Where checkpoints go. */
  checkpointPath: string;
  /** Folder for the result and for previews, on the disk of the blobs. */
  temporaryFolder: string;
}

/** What can be asked beside runs. The child answers each with "answer" or "refused". */
export type CallName =
  | "plan"
  | "live"
  | "convert"
  | "shrink"
  | "devices"
  | "networks"
  | "pull"
  | "examineModel"
  | "facts";

export type ToChild =
  | { type: "run"; order: RunOrder }
  /** The content of the run that comes next. */
  | { type: "expect"; picture: PictureFile; maxSide: number }
  | { type: "update"; job: string; change: SettingsChange }
  | { type: "pause"; job: string }
  | { type: "stop"; job: string }
  | { type: "cancel"; job: string }
  | { type: "call"; call: number; name: "plan" | "live"; argument: RequestOf<PictureFile> }
  | { type: "call"; call: number; name: "convert"; argument: PictureFile }
  /** Path of a PNG. */
  | { type: "call"; call: number; name: "shrink"; argument: string }
  /** Nobody waits for its answer any more; it is answered all the same. */
  | { type: "withdraw"; call: number }
  | { type: "call"; call: number; name: "pull"; argument: string }
  | { type: "call"; call: number; name: "examineModel"; argument: ModelToExamine }
  | { type: "call"; call: number; name: "devices" | "networks" | "facts"; argument: null };

interface OfAttempt {
  job: string;
  attempt: number;
}

export interface Finished extends OfAttempt {
  type: "finished";
  /** On the disk already. */
  path: string;
  sha256: string;
  width: number;
  height: number;
  seconds: number;
  fallback?: string;
  notes?: string[];
  styleDistance?: number;
  recipe: Recipe;
}

/** The run was given up on request, after a checkpoint where there was one to make. */
export interface Released extends OfAttempt {
  type: "released";
}

export type RunMessage =
  | (OfAttempt & { type: "budget"; budget: MemoryBudget })
  /** From here on progress is to be expected, each step of it in about so long; null: no longer. */
  | (OfAttempt & { type: "pace"; stepSeconds: number | null })
  | (OfAttempt & { type: "progress"; progress: Progress })
  | (OfAttempt & { type: "preview"; path: string; width: number; height: number })
  | (OfAttempt & { type: "checkpoint"; progress: Progress })
  /** Nothing more is painted: the result is on its way to the disk, and another run may begin. */
  | (OfAttempt & { type: "painted" })
  | Finished
  | Released
  | (OfAttempt & { type: "failed"; error: ErrorBody });

export type AnswerMessage =
  | { type: "answer"; call: number; value: unknown }
  | { type: "news"; call: number; value: unknown }
  | { type: "refused"; call: number; error: ErrorBody };

export type CallMessage = Extract<ToChild, { type: "call" }>;

export type FromChild = { type: "ready" } | { type: "beat"; residentBytes: number } | RunMessage | AnswerMessage;
