// What the companion and its engine child say to each other. Pictures travel as paths of files, never as bytes.
// The child parses what strangers made, so its messages are checked on arrival like anything from outside.

import { type Static, type TSchema, Type } from "typebox";
import { Compile } from "typebox/compile";
import type { Settings } from "../protocol/settings.ts";
import type { SettingsChange, StyleRef, PictureRef } from "../protocol/recipe.ts";
import { RecipeSchema } from "../protocol/recipe.ts";
import { ErrorSchema, IdSchema, ProgressSchema, Sha256Schema } from "../protocol/schemas.ts";

export interface PictureFile {
  path: string;
  /** How to call it in a message. */
  name: string;
}

/** Everything that one attempt needs. */
export interface RunOrder {
  job: string;
  attempt: number;
  content: PictureFile;
  styles: (PictureFile & { weight: number })[];
  initial?: PictureFile;
  /** As asked for, before changes; the device is "cpu" here when another one failed. */
  settings: Settings;
  /** Made since, in order; they hold from the start of this attempt. */
  changes: SettingsChange[];
  /** Ends at once with the best picture so far. */
  stop: boolean;
  /** For the recipe. */
  inputs: { content: PictureRef; styles: StyleRef[]; initial?: PictureRef };
  /** Goes on from here, if the file is whole. */
  resumeFrom?: string;
  /** Where checkpoints go. */
  checkpointPath: string;
  /** Folder for the result and for previews, on the disk of the blobs. */
  temporaryFolder: string;
}

/** What can be asked beside runs. The child answers each with "answer" or "refused". */
export const CALLS = ["plan", "devices", "networks", "pull", "facts"] as const;
export type CallName = (typeof CALLS)[number];

export interface PlanCall {
  content: PictureFile;
  styles: PictureFile[];
  settings: Settings;
}

export type ToChild =
  | { type: "run"; order: RunOrder }
  | { type: "update"; job: string; change: SettingsChange }
  | { type: "pause"; job: string }
  | { type: "stop"; job: string }
  | { type: "cancel"; job: string }
  | { type: "call"; call: number; name: "plan"; argument: PlanCall }
  | { type: "call"; call: number; name: "pull"; argument: string }
  | { type: "call"; call: number; name: "devices" | "networks" | "facts"; argument: null };

const ofAttempt = { job: IdSchema, attempt: Type.Integer({ minimum: 1 }) };
const call = Type.Integer({ minimum: 1 });

const FromChildSchema = Type.Union([
  Type.Object({ type: Type.Literal("ready") }),
  Type.Object({ type: Type.Literal("beat") }),
  Type.Object({ type: Type.Literal("progress"), ...ofAttempt, progress: ProgressSchema }),
  Type.Object({
    type: Type.Literal("preview"),
    ...ofAttempt,
    path: Type.String(),
    width: Type.Integer({ minimum: 1 }),
    height: Type.Integer({ minimum: 1 }),
  }),
  Type.Object({ type: Type.Literal("checkpoint"), ...ofAttempt, progress: ProgressSchema }),
  Type.Object({
    type: Type.Literal("finished"),
    ...ofAttempt,
    path: Type.String(),
    sha256: Sha256Schema,
    width: Type.Integer({ minimum: 1 }),
    height: Type.Integer({ minimum: 1 }),
    seconds: Type.Number({ minimum: 0 }),
    fallback: Type.Optional(Type.String()),
    recipe: RecipeSchema,
  }),
  /** The run was given up on request, after a checkpoint where there was one to make. */
  Type.Object({ type: Type.Literal("released"), ...ofAttempt }),
  Type.Object({ type: Type.Literal("failed"), ...ofAttempt, error: ErrorSchema }),
  Type.Object({ type: Type.Literal("answer"), call, value: Type.Unknown() }),
  Type.Object({ type: Type.Literal("news"), call, value: Type.Unknown() }),
  Type.Object({ type: Type.Literal("refused"), call, error: ErrorSchema }),
]);

export type FromChild = Static<typeof FromChildSchema>;

const checkFromChild = Compile(FromChildSchema);

/** Null for what is no message of a child's. */
export function parseFromChild(message: unknown): FromChild | null {
  return checkFromChild.Check(message) ? message : null;
}

/** Holds a child's answer against its schema. */
export function isOf<T extends TSchema>(schema: T, value: unknown): value is Static<T> {
  return Compile(schema).Check(value);
}
