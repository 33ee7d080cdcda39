// A job on the wire: what is asked, what is known about it, what changes, and the events of its stream.

import { type Static, Type } from "typebox";
import { JOB_STATES, PAUSE_REASONS } from "./job-states.ts";
import { ProgressSchema } from "./progress.ts";
import { RecipeSchema, SettingsChangeSchema } from "./recipe.ts";
import { PICTURES } from "./request-schema.ts";
import {
  CLOSED,
  ErrorSchema,
  IdSchema,
  PartialSettingsSchema,
  SettingsSchema,
  Sha256Schema,
  TimeSchema,
} from "./schemas.ts";

/** Pictures are uploaded first (PUT /v1/blobs/:sha256) and named here by their hash. */
export const JobRequestSchema = Type.Object(
  {
    ...PICTURES,
    settings: PartialSettingsSchema,
    detached: Type.Optional(Type.Boolean({ description: "Goes on when its client leaves." })),
  },
  CLOSED,
);

export const JobResultSchema = Type.Object(
  {
    sha256: Sha256Schema,
    bytes: Type.Integer({ minimum: 0 }),
    width: Type.Integer({ minimum: 1 }),
    height: Type.Integer({ minimum: 1 }),
    iterations: Type.Integer({ minimum: 0 }),
    seconds: Type.Number({ minimum: 0 }),
    device: Type.String(),
    fallback: Type.Optional(Type.String()),
    /** What a person should know of it. */
    notes: Type.Optional(Type.Array(Type.String())),
    /** Of a batch's frame in one style: 0 has the style's own statistics, 1 is as far from them as plain gray. */
    styleDistance: Type.Optional(Type.Number({ minimum: 0 })),
    /** Ended early by "stop": the best picture so far. */
    stopped: Type.Boolean(),
  },
  CLOSED,
);

export const JobSchema = Type.Object(
  {
    id: IdSchema,
    state: Type.Enum(JOB_STATES),
    pauseReason: Type.Union([Type.Enum(PAUSE_REASONS), Type.Null()]),
    createdAt: TimeSchema,
    startedAt: Type.Union([TimeSchema, Type.Null()]),
    finishedAt: Type.Union([TimeSchema, Type.Null()]),
    request: JobRequestSchema,
    /** The request's settings with every default, and the changes made since. */
    settings: SettingsSchema,
    changes: Type.Array(SettingsChangeSchema),
    /** Batch and frame that the job belongs to; `done`: frames of it that are done by now. */
    batch: Type.Union([
      Type.Object({ id: IdSchema, frame: Type.Integer({ minimum: 0 }), done: Type.Integer({ minimum: 0 }) }, CLOSED),
      Type.Null(),
    ]),
    /** Times that a child process took it up; above 1 it was resumed or retried. */
    attempts: Type.Integer({ minimum: 0 }),
    progress: Type.Union([ProgressSchema, Type.Null()]),
    result: Type.Union([JobResultSchema, Type.Null()]),
    recipe: Type.Union([RecipeSchema, Type.Null()]),
    error: Type.Union([ErrorSchema, Type.Null()]),
    /** Sequence number of its latest event. */
    sequence: Type.Integer({ minimum: 0 }),
    /** Name of the worker that has it or had it last, where that is not the companion itself. */
    worker: Type.Optional(Type.String()),
  },
  CLOSED,
);

/** PATCH: live settings, an action, or both. "stop" ends the job now and keeps the best picture so far. */
export const JobChangeSchema = Type.Object(
  {
    settings: Type.Optional(PartialSettingsSchema),
    action: Type.Optional(Type.Enum(["pause", "resume", "stop"])),
  },
  { ...CLOSED, minProperties: 1 },
);

const sequenced = { sequence: Type.Integer({ minimum: 1 }), time: TimeSchema };

/**
 * One line of NDJSON. Sequence numbers rise strictly within a job, across restarts of the companion too;
 * gaps are superseded progress and previews. A heartbeat has none. The stream ends after a final state.
 */
export const JobEventSchema = Type.Union([
  Type.Object(
    {
      ...sequenced,
      type: Type.Literal("state"),
      state: Type.Enum(JOB_STATES),
      pauseReason: Type.Optional(Type.Enum(PAUSE_REASONS)),
      result: Type.Optional(JobResultSchema),
      error: Type.Optional(ErrorSchema),
    },
    CLOSED,
  ),
  Type.Object({ ...sequenced, type: Type.Literal("progress"), progress: ProgressSchema }, CLOSED),
  Type.Object({ ...sequenced, type: Type.Literal("preview"), width: Type.Integer(), height: Type.Integer() }, CLOSED),
  Type.Object({ ...sequenced, type: Type.Literal("change"), change: SettingsChangeSchema }, CLOSED),
]);

export const HeartbeatSchema = Type.Object({ type: Type.Literal("heartbeat"), time: TimeSchema }, CLOSED);

export const JobListSchema = Type.Object({ jobs: Type.Array(JobSchema) }, CLOSED);

/** Newest first. */
export const JobListQuerySchema = Type.Object(
  {
    state: Type.Optional(Type.Enum(JOB_STATES)),
    batch: Type.Optional(IdSchema),
    /** Only those that are older than this job: the last of the list so far, to go on with it. */
    before: Type.Optional(IdSchema),
    kept: Type.Optional(
      Type.Literal("yes", {
        description: "Only pictures that are still there; of a batch its latest, unless it is asked for.",
      }),
    ),
    limit: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,3}$" })),
  },
  CLOSED,
);

export type JobRequest = Static<typeof JobRequestSchema>;
export type JobResult = Static<typeof JobResultSchema>;
export type Job = Static<typeof JobSchema>;
export type JobChange = Static<typeof JobChangeSchema>;
export type JobEvent = Static<typeof JobEventSchema>;
export type Heartbeat = Static<typeof HeartbeatSchema>;
