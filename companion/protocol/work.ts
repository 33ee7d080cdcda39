// What the companion and its workers on other machines say to each other over HTTP. Only ids travel over the queue:
// what is to be done, pictures, networks, checkpoints and outcomes are had from the companion and given to it.

import { type Static, Type } from "typebox";
import { ModelSchema } from "./models.ts";
import { ProgressSchema } from "./progress.ts";
import { RecipeSchema, SettingsChangeSchema } from "./recipe.ts";
import { PICTURES } from "./request-schema.ts";
import { CLOSED, ErrorSchema, IdSchema, PartialSettingsSchema, SettingsSchema, Sha256Schema } from "./schemas.ts";
import { DEVICE_KINDS } from "./settings.ts";

/** More at a time on one worker makes each slower, not all faster. */
export const MAX_SLOTS = 64;

const attempt = Type.Integer({ minimum: 1 });
const side = Type.Integer({ minimum: 1 });
/** Printed in terminals. */
export const WorkerNameSchema = Type.String({ minLength: 1, maxLength: 80, pattern: "^[^\\x00-\\x1f\\x7f-\\x9f]*$" });
export const WorkerPairSchema = Type.Object({ name: WorkerNameSchema }, CLOSED);
const text = Type.String({ maxLength: 2_000 });

export const BeatSchema = Type.Object(
  {
    /** Of one process; nobody else knows it. */
    worker: IdSchema,
    name: WorkerNameSchema,
    version: Type.String({ maxLength: 40 }),
    protocol: Type.Integer({ minimum: 1 }),
    slots: Type.Integer({ minimum: 1, maximum: MAX_SLOTS }),
    /** Names of what does the work. */
    devices: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 16 }),
    /** What it has for jobs that ask for it by name. */
    kinds: Type.Optional(Type.Array(Type.Enum([...DEVICE_KINDS]), { maxItems: 16 })),
    held: Type.Array(Type.Object({ job: IdSchema, attempt }, CLOSED), { maxItems: MAX_SLOTS }),
    /** It had to give a job back, and takes none for a while. */
    rests: Type.Optional(Type.Literal(true)),
  },
  CLOSED,
);

/** cancel: it is not this worker's any more. */
export const WANTED = ["run", "pause", "stop", "cancel"] as const;

export const BeatReplySchema = Type.Object(
  {
    /** Why it gets no jobs; null: it does. */
    refused: Type.Union([ErrorSchema, Type.Null()]),
    held: Type.Array(
      Type.Object(
        { job: IdSchema, attempt, wanted: Type.Enum(WANTED), changes: Type.Array(SettingsChangeSchema) },
        CLOSED,
      ),
    ),
  },
  CLOSED,
);

export const ClaimSchema = Type.Object(
  {
    worker: IdSchema,
    job: IdSchema,
    /** The entry of the queue that it was found in, and how often that had been taken with this time. */
    entry: Type.String({ maxLength: 80 }),
    start: Type.Integer({ minimum: 1 }),
  },
  CLOSED,
);

const NETWORK_FILE = Type.Object({ name: Type.String(), sha256: Sha256Schema }, CLOSED);
export const NetworkFilesSchema = Type.Object(
  {
    network: NETWORK_FILE,
    painter: Type.Optional(Type.Object({ network: NETWORK_FILE, detailer: NETWORK_FILE }, CLOSED)),
  },
  CLOSED,
);

/** One attempt, as RunOrder with hashes in place of files. */
export const WorkOrderSchema = Type.Object(
  {
    job: IdSchema,
    attempt,
    request: Type.Object({ ...PICTURES, settings: SettingsSchema }, CLOSED),
    overrides: PartialSettingsSchema,
    changes: Type.Array(SettingsChangeSchema),
    stop: Type.Boolean(),
    repeat: Type.Optional(
      Type.Object(
        {
          changes: Type.Array(SettingsChangeSchema),
          stopAt: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
        },
        CLOSED,
      ),
    ),
    /** There is a checkpoint to go on from. */
    resumes: Type.Boolean(),
    /** Its distance from the style is told beside the result. */
    measure: Type.Optional(Type.Boolean()),
    /** Of a frame of an animation; `goesOn`: the frame before it has left something. */
    shot: Type.Optional(Type.Object({ batch: IdSchema, goesOn: Type.Boolean() }, CLOSED)),
    /** Which of the two there is, says the setting of the model. */
    networks: Type.Optional(NetworkFilesSchema),
    model: Type.Optional(ModelSchema),
    /** What can be had from the bucket that both use, and where a result may go; its address is for comparing alone. */
    bucket: Type.Optional(
      Type.Object({ address: Type.String({ maxLength: 2_000 }), holds: Type.Array(Sha256Schema) }, CLOSED),
    ),
  },
  CLOSED,
);

export const ClaimReplySchema = Type.Union([
  Type.Object({ type: Type.Literal("work"), order: WorkOrderSchema }, CLOSED),
  /** Over, put aside, or somebody else's: nothing is to be done. */
  Type.Object({ type: Type.Literal("nothing") }, CLOSED),
  /** It was too much for this worker, and is to be left to another one. */
  Type.Object({ type: Type.Literal("leave") }, CLOSED),
]);

const ofAttempt = { worker: IdSchema, attempt };

export const ReportSchema = Type.Union([
  /** The checkpoint that was sent before is of this moment. */
  Type.Object({ ...ofAttempt, type: Type.Literal("checkpoint"), progress: ProgressSchema }, CLOSED),
  Type.Object({ ...ofAttempt, type: Type.Literal("released") }, CLOSED),
  Type.Object({ ...ofAttempt, type: Type.Literal("failed"), error: ErrorSchema }, CLOSED),
  Type.Object({ ...ofAttempt, type: Type.Literal("died"), reason: text }, CLOSED),
]);

/** What a job came to, in one line of JSON; the bytes of its picture follow. */
export const FinishedSchema = Type.Object(
  {
    sha256: Sha256Schema,
    /** The picture lies in the bucket, and nothing follows. */
    inBucket: Type.Boolean(),
    width: side,
    height: side,
    seconds: Type.Number({ minimum: 0 }),
    fallback: Type.Optional(text),
    notes: Type.Optional(Type.Array(text, { maxItems: 100 })),
    styleDistance: Type.Optional(Type.Number({ minimum: 0 })),
    recipe: RecipeSchema,
  },
  CLOSED,
);

export const WorkerSchema = Type.Object(
  {
    name: Type.String(),
    version: Type.String(),
    slots: Type.Integer(),
    devices: Type.Array(Type.String()),
    /** Ids of the jobs that it has in work. */
    jobs: Type.Array(IdSchema),
    /** Why it gets no jobs, or takes none. */
    refused: Type.Union([Type.String(), Type.Null()]),
    /** Since it was last heard of. */
    silentMs: Type.Integer({ minimum: 0 }),
  },
  CLOSED,
);
export const WorkerListSchema = Type.Object(
  {
    queue: Type.Enum(["none", "reachable", "unreachable"]),
    /** What is wrong with it and what to do, to be read after "The queue"; null: nothing is known. */
    trouble: Type.Union([Type.String(), Type.Null()]),
    workers: Type.Array(WorkerSchema),
  },
  CLOSED,
);

/** What the queue holds: which job, and nothing else. */
export const EntrySchema = Type.Object({ job: IdSchema }, CLOSED);
/** What is called out about a job in work: whoever does not hear it misses one step. */
export const WorkProgressSchema = Type.Object({ job: IdSchema, attempt, progress: ProgressSchema }, CLOSED);

export type Beat = Static<typeof BeatSchema>;
export type BeatReply = Static<typeof BeatReplySchema>;
export type Claim = Static<typeof ClaimSchema>;
export type ClaimReply = Static<typeof ClaimReplySchema>;
export type WorkOrder = Static<typeof WorkOrderSchema>;
export type WorkProgress = Static<typeof WorkProgressSchema>;
export type FinishedWork = Static<typeof FinishedSchema>;
export type Report = Static<typeof ReportSchema>;
export type WorkerInfo = Static<typeof WorkerSchema>;
export type WorkerList = Static<typeof WorkerListSchema>;
export type Wanted = (typeof WANTED)[number];
