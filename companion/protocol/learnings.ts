// Styles that are learned by the companion, on the wire: what is asked for, and how far it has come.

import { type Static, Type } from "typebox";
import { MAX_LEARNED_STYLES, OWN_KINDS } from "./learned-styles.ts";
import { MAX_LEARN_FRAMES, MAX_LEARN_MINUTES } from "./limits.ts";
import { ProgressSchema } from "./progress.ts";
import { PictureRefSchema } from "./request-schema.ts";
import { CLOSED, ErrorSchema, IdSchema, NameSchema, PartialSettingsSchema, TimeSchema } from "./schemas.ts";

export const LearningRequestSchema = Type.Object(
  {
    style: PictureRefSchema,
    /** Learned with it, in one file. */
    others: Type.Optional(Type.Array(PictureRefSchema, { maxItems: MAX_LEARNED_STYLES - 1 })),
    own: Type.Optional(
      Type.Enum(OWN_KINDS, {
        description:
          "What each style has of its own: all filters (one style alone), scale and shift of each channel, or one bank of filters.",
      }),
    ),
    into: Type.Optional(
      Type.Object(PictureRefSchema.properties, {
        ...CLOSED,
        description: "A learned style to which these are added; what is in it stays as it is.",
      }),
    ),
    /** Some of the pictures that it is for. */
    frames: Type.Array(PictureRefSchema, { minItems: 1, maxItems: MAX_LEARN_FRAMES }),
    minutes: Type.Number({ exclusiveMinimum: 0, maximum: MAX_LEARN_MINUTES }),
    /** Of these strength, stroke size, seed and threads count. */
    settings: PartialSettingsSchema,
  },
  CLOSED,
);

export const LEARNING_STATES = ["running", "paused", "finished", "failed", "cancelled"] as const;

export const LearnedSchema = Type.Object(
  {
    bytes: Type.Integer({ minimum: 1 }),
    /** Where the file was made to hold several: all of them, in their order. */
    styles: Type.Optional(
      Type.Array(
        Type.Object(
          { name: NameSchema, width: Type.Integer({ minimum: 1 }), height: Type.Integer({ minimum: 1 }) },
          CLOSED,
        ),
      ),
    ),
    /** Of its picture, px. */
    width: Type.Integer({ minimum: 1 }),
    height: Type.Integer({ minimum: 1 }),
    /** Share of the style gap left on pieces of the frames, before and after. */
    gapBefore: Type.Number(),
    gapAfter: Type.Number(),
    steps: Type.Integer({ minimum: 0 }),
    seconds: Type.Number({ minimum: 0 }),
    stopped: Type.Boolean(),
    notes: Type.Optional(
      Type.Array(Type.String(), { description: "What a person should know: frames that were left out." }),
    ),
  },
  CLOSED,
);

export const LearningSchema = Type.Object(
  {
    id: IdSchema,
    state: Type.Enum(LEARNING_STATES),
    request: LearningRequestSchema,
    createdAt: TimeSchema,
    progress: Type.Union([ProgressSchema, Type.Null()]),
    /** Number of the latest picture of what has been learned; 0: none yet. */
    preview: Type.Integer({ minimum: 0 }),
    /** Where it is finished. */
    learned: Type.Union([LearnedSchema, Type.Null()]),
    /** Where it failed. */
    error: Type.Union([ErrorSchema, Type.Null()]),
  },
  CLOSED,
);

export const LearningResultQuerySchema = Type.Object(
  {
    style: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_LEARNED_STYLES,
        description: "Of several: that one alone, as a learned style of its own.",
      }),
    ),
  },
  CLOSED,
);

/** stop: ends it with what was learned so far. */
export const LearningChangeSchema = Type.Object({ action: Type.Enum(["pause", "resume", "stop"]) }, CLOSED);

export const LearningListSchema = Type.Object({ learnings: Type.Array(LearningSchema) }, CLOSED);

export type LearningRequest = Static<typeof LearningRequestSchema>;
export type Learned = Static<typeof LearnedSchema>;
export type Learning = Static<typeof LearningSchema>;
export type LearningChange = Static<typeof LearningChangeSchema>;
