// A batch on the wire: one recipe, many contents. Each frame is a job; the style is measured once. As an animation the
// frames are done in their order, and each goes on with the one before it.

import { type Static, Type } from "typebox";
import { BATCH_STATES, FRAME_STATES } from "./job-states.ts";
import { JobResultSchema } from "./jobs.ts";
import { MAX_FRAMES, MAX_STYLES } from "./limits.ts";
import { PictureRefSchema, SHARED_PICTURES } from "./request-schema.ts";
import { CLOSED, ErrorSchema, IdSchema, NameSchema, PartialSettingsSchema, TimeSchema } from "./schemas.ts";
import { SETTINGS } from "./settings.ts";

/** A frame's content, and what is otherwise for it than for the batch. */
export const FrameContentSchema = Type.Object(
  {
    ...PictureRefSchema.properties,
    style: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_STYLES - 1,
        description: "Which of the styles it is painted in, alone; all of them together where that is missing.",
      }),
    ),
    strength: Type.Optional(Type.Number({ minimum: SETTINGS.strength.min, maximum: SETTINGS.strength.max })),
  },
  CLOSED,
);

export const BatchRequestSchema = Type.Object(
  {
    name: Type.Optional(NameSchema),
    ...SHARED_PICTURES,
    settings: PartialSettingsSchema,
    animation: Type.Optional(
      Type.Boolean({
        description:
          "The contents are frames in order: each is painted from the one before it, so that nothing flickers.",
      }),
    ),
    contents: Type.Array(FrameContentSchema, { minItems: 1, maxItems: MAX_FRAMES }),
  },
  CLOSED,
);

export const BatchFrameSchema = Type.Object(
  {
    index: Type.Integer({ minimum: 0 }),
    content: FrameContentSchema,
    state: Type.Enum(FRAME_STATES),
    /** The frame's latest job; a retry is a new one. */
    job: IdSchema,
    result: Type.Union([JobResultSchema, Type.Null()]),
    error: Type.Union([ErrorSchema, Type.Null()]),
  },
  CLOSED,
);

const CountsSchema = Type.Object(
  Object.fromEntries(FRAME_STATES.map((state) => [state, Type.Integer({ minimum: 0 })])) as Record<
    (typeof FRAME_STATES)[number],
    ReturnType<typeof Type.Integer>
  >,
  CLOSED,
);

export const BatchSummarySchema = Type.Object(
  {
    id: IdSchema,
    name: Type.String(),
    state: Type.Enum(BATCH_STATES),
    createdAt: TimeSchema,
    finishedAt: Type.Union([TimeSchema, Type.Null()]),
    /** Frames by state; their sum is the number of frames. */
    counts: CountsSchema,
    /** Of what is left; null until a frame is done. */
    secondsLeft: Type.Union([Type.Number(), Type.Null()]),
    sequence: Type.Integer({ minimum: 0 }),
  },
  CLOSED,
);

export const BatchSchema = Type.Object(
  {
    ...BatchSummarySchema.properties,
    request: Type.Omit(BatchRequestSchema, ["contents"]),
    frames: Type.Array(BatchFrameSchema),
  },
  CLOSED,
);

/**
 * "retry" takes failed and cancelled frames (all, or those listed) into the queue again; "skip" needs a list; "repaint" paints
 * listed frames anew, done ones too, at a strength of their own.
 */
export const BatchChangeSchema = Type.Object(
  {
    action: Type.Enum(["pause", "resume", "retry", "skip", "repaint"]),
    strength: FrameContentSchema.properties.strength,
    frames: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: MAX_FRAMES - 1 }), { maxItems: MAX_FRAMES })),
  },
  CLOSED,
);

const sequenced = { sequence: Type.Integer({ minimum: 1 }), time: TimeSchema };

/** One line of the batch's NDJSON; sequence numbers as in a job's stream. It ends when the batch is over. */
export const BatchEventSchema = Type.Union([
  Type.Object({ ...sequenced, type: Type.Literal("frame"), frame: BatchFrameSchema }, CLOSED),
  Type.Object({ ...sequenced, type: Type.Literal("state"), batch: BatchSummarySchema }, CLOSED),
]);

export const BatchListSchema = Type.Object({ batches: Type.Array(BatchSummarySchema) }, CLOSED);

/** Nothing more happens in it, unless a frame is tried again: a cancelled one still waits for the frame in work. */
export function isBatchOver({ state, counts }: Pick<BatchSummary, "state" | "counts">): boolean {
  return state === "done" || (state === "cancelled" && counts.queued + counts.running + counts.paused === 0);
}

export type BatchRequest = Static<typeof BatchRequestSchema>;
export type FrameContent = Static<typeof FrameContentSchema>;
export type BatchFrame = Static<typeof BatchFrameSchema>;
export type BatchSummary = Static<typeof BatchSummarySchema>;
export type Batch = Static<typeof BatchSchema>;
export type BatchChange = Static<typeof BatchChangeSchema>;
export type BatchEvent = Static<typeof BatchEventSchema>;
