// What the companion and the process in which a style is learned say to each other. Pictures travel as paths of files.

import type { Static } from "typebox";
import { Type } from "typebox";
import { LearnedSchema } from "../protocol/learnings.ts";
import { ProgressSchema } from "../protocol/progress.ts";
import { CLOSED, ErrorSchema } from "../protocol/schemas.ts";
import type { LearnFiles } from "./learn-from-files.ts";

export interface LearnWork extends LearnFiles {
  /** Where the learned style goes. */
  out: string;
  /** Where the latest picture of what has been learned goes, a JPEG, each time in place of the last. */
  preview: string;
}

export type ToLearner = { type: "learn"; work: LearnWork } | { type: "pause" | "resume" | "stop" };

export const FromLearnerSchema = Type.Union([
  Type.Object({ type: Type.Literal("progress"), progress: ProgressSchema }, CLOSED),
  Type.Object({ type: Type.Literal("preview") }, CLOSED),
  Type.Object({ type: Type.Literal("finished"), learned: LearnedSchema }, CLOSED),
  Type.Object({ type: Type.Literal("failed"), error: ErrorSchema }, CLOSED),
]);

export type FromLearner = Static<typeof FromLearnerSchema>;
