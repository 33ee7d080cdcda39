// The list of routes: the server registers exactly these, the OpenAPI page describes them,
// and the refusal tests are generated from them.

import type { TSchema } from "typebox";
import { Type } from "typebox";
import { BatchChangeSchema, BatchEventSchema, BatchListSchema, BatchRequestSchema, BatchSchema } from "./batches.ts";
import { DeviceListSchema } from "./devices.ts";
import {
  JobChangeSchema,
  JobEventSchema,
  JobListQuerySchema,
  JobListSchema,
  JobRequestSchema,
  JobSchema,
} from "./jobs.ts";
import {
  LearningChangeSchema,
  LearningListSchema,
  LearningRequestSchema,
  LearningResultQuerySchema,
  LearningSchema,
} from "./learnings.ts";
import { MAX_CHECKPOINT_BYTES, MAX_JSON_BYTES, MAX_RESULT_BYTES } from "./limits.ts";
import { MAX_MODEL_BYTES, ModelListSchema, ModelNameSchema, ModelSchema, NewModelSchema } from "./models.ts";
import { DoctorSchema, NetworkListSchema, NetworkNameSchema, NetworkSchema, PullEventSchema } from "./networks.ts";
import {
  HealthSchema,
  PairFinishedSchema,
  PairFinishSchema,
  PairingIdSchema,
  PairingListSchema,
  PairingWindowSchema,
  PairStartedSchema,
  PairStartSchema,
  type Scope,
  SessionSchema,
  TicketSchema,
  TicketTokenSchema,
  TokenProofRequestSchema,
  TokenProofSchema,
} from "./pairing-messages.ts";
import { PlanSchema } from "./plan.ts";
import { PictureRefSchema } from "./request-schema.ts";
import { CLOSED, IdSchema, Sha256Schema } from "./schemas.ts";
import {
  BeatReplySchema,
  BeatSchema,
  ClaimReplySchema,
  ClaimSchema,
  ReportSchema,
  WorkerListSchema,
  WorkerPairSchema,
} from "./work.ts";

export interface Route {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With :name for parameters. */
  path: string;
  summary: string;
  /** none: anybody may ask. token: who shows a token; everywhere else it is a session of this scope. */
  access: "none" | "token" | Scope;
  params?: TSchema;
  query?: TSchema;
  /** A schema for JSON, "bytes" for a picture; absent: the request has no body. */
  body?: TSchema | "bytes";
  /** Of a body of bytes, where it is not that of a picture. */
  maxBytes?: number;
  /** What comes back with success: JSON, a picture, other bytes, NDJSON of a schema, or nothing (204). */
  reply: { json: TSchema } | { ndjson: TSchema } | "picture" | "bytes" | "nothing";
  /** Needs the header Idempotency-Key: IDEMPOTENCY_KEY_PATTERN. */
  idempotent?: true;
}

export const IDEMPOTENCY_KEY_PATTERN = "^[A-Za-z0-9_-]{8,64}$";

const id = Type.Object({ id: IdSchema }, CLOSED);
const sha256 = Type.Object({ sha256: Sha256Schema }, CLOSED);
const name = Type.Object({ name: NetworkNameSchema }, CLOSED);
/** Events with a sequence number above this one; 0 or absent: all that are kept. */
const after = Type.Object({ after: Type.Optional(Type.String({ pattern: "^[0-9]{1,15}$" })) }, CLOSED);
const limit = Type.Object({ limit: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,3}$" })) }, CLOSED);
/** forget: also remove the record and its results. */
const forget = Type.Object({ forget: Type.Optional(Type.Literal("true")) }, CLOSED);

/** Which attempt of whose: what a worker may have and bring. */
const held = {
  worker: IdSchema,
  attempt: Type.String({ pattern: "^[1-9][0-9]{0,8}$" }),
};
const side = Type.String({ pattern: "^[1-9][0-9]{0,4}$" });
const jobFile = Type.Object({ id: IdSchema, sha256: Sha256Schema }, CLOSED);

export const ROUTES = {
  health: {
    method: "GET",
    path: "/v1/health",
    summary: "Is this an Impasto, and which",
    access: "none",
    reply: { json: HealthSchema },
  },
  openapi: {
    method: "GET",
    path: "/v1/openapi.json",
    summary: "This description",
    access: "jobs",
    reply: { json: Type.Object({}) },
  },

  pairStart: {
    method: "POST",
    path: "/v1/pair/start",
    summary: "Begin the handshake",
    access: "none",
    body: PairStartSchema,
    reply: { json: PairStartedSchema },
  },
  pairFinish: {
    method: "POST",
    path: "/v1/pair/finish",
    summary: "Prove the code, receive the sealed token",
    access: "none",
    body: PairFinishSchema,
    reply: { json: PairFinishedSchema },
  },
  pairProof: {
    method: "POST",
    path: "/v1/pair/proof",
    summary: "Let the companion prove that it knows a token",
    access: "none",
    body: TokenProofRequestSchema,
    reply: { json: TokenProofSchema },
  },
  pairTicket: {
    method: "POST",
    path: "/v1/pair/ticket",
    summary: "Trade the page's one-time ticket for a token",
    access: "none",
    body: TicketSchema,
    reply: { json: TicketTokenSchema },
  },
  pairSession: {
    method: "POST",
    path: "/v1/pair/session",
    summary: "Trade a token for a session of twelve hours",
    access: "token",
    reply: { json: SessionSchema },
  },
  pairOpen: {
    method: "POST",
    path: "/v1/pair/window",
    summary: "Open the pairing window and read the code",
    access: "admin",
    reply: { json: PairingWindowSchema },
  },
  pairClose: {
    method: "DELETE",
    path: "/v1/pair/window",
    summary: "Close the pairing window",
    access: "admin",
    reply: "nothing",
  },
  pairPage: {
    method: "POST",
    path: "/v1/pair/page",
    summary: "A one-time ticket for the companion's own page",
    access: "admin",
    reply: { json: TicketSchema },
  },
  pairWorker: {
    method: "POST",
    path: "/v1/pair/worker",
    summary: "A token for a worker",
    access: "admin",
    body: WorkerPairSchema,
    reply: { json: TicketTokenSchema },
  },
  pairings: {
    method: "GET",
    path: "/v1/pairings",
    summary: "Who is paired",
    access: "admin",
    reply: { json: PairingListSchema },
  },
  pairingDelete: {
    method: "DELETE",
    path: "/v1/pairings/:id",
    summary: "Revoke one; any pairing may revoke itself",
    access: "jobs",
    params: Type.Object({ id: PairingIdSchema }, CLOSED),
    reply: "nothing",
  },
  pairingsDelete: {
    method: "DELETE",
    path: "/v1/pairings",
    summary: "Revoke all but the one that asks",
    access: "admin",
    reply: "nothing",
  },

  blobPut: {
    method: "PUT",
    path: "/v1/blobs/:sha256",
    summary: "Upload a picture",
    access: "jobs",
    params: sha256,
    body: "bytes",
    reply: { json: Type.Object({ sha256: Sha256Schema, bytes: Type.Integer(), created: Type.Boolean() }, CLOSED) },
  },
  blobHead: {
    method: "HEAD",
    path: "/v1/blobs/:sha256",
    summary: "Is a picture there already",
    access: "jobs",
    params: sha256,
    reply: "nothing",
  },

  pictureConvert: {
    method: "POST",
    path: "/v1/pictures",
    summary: "A picture that browsers do not read (HEIC, TIFF), as JPEG or PNG; kept nowhere",
    access: "jobs",
    body: PictureRefSchema,
    reply: "picture",
  },
  plan: {
    method: "POST",
    path: "/v1/plan",
    summary: "Expected size, seconds and bytes of a request",
    access: "jobs",
    body: JobRequestSchema,
    reply: { json: PlanSchema },
  },
  live: {
    method: "POST",
    path: "/v1/live",
    summary: "How a request would look: a small quick picture, kept nowhere; the next one takes its place",
    access: "jobs",
    body: JobRequestSchema,
    reply: "picture",
  },
  jobSubmit: {
    method: "POST",
    path: "/v1/jobs",
    summary: "Stylize",
    access: "jobs",
    body: JobRequestSchema,
    idempotent: true,
    reply: { json: JobSchema },
  },
  jobs: {
    method: "GET",
    path: "/v1/jobs",
    summary: "Jobs, newest first",
    access: "jobs",
    query: JobListQuerySchema,
    reply: { json: JobListSchema },
  },
  job: {
    method: "GET",
    path: "/v1/jobs/:id",
    summary: "One job",
    access: "jobs",
    params: id,
    reply: { json: JobSchema },
  },
  jobChange: {
    method: "PATCH",
    path: "/v1/jobs/:id",
    summary: "Change live settings; pause, resume, stop and keep",
    access: "jobs",
    params: id,
    body: JobChangeSchema,
    reply: { json: JobSchema },
  },
  jobDelete: {
    method: "DELETE",
    path: "/v1/jobs/:id",
    summary: "Cancel; with forget also remove",
    access: "jobs",
    params: id,
    query: forget,
    reply: { json: JobSchema },
  },
  jobEvents: {
    method: "GET",
    path: "/v1/jobs/:id/events",
    summary: "Progress as NDJSON, resumable",
    access: "jobs",
    params: id,
    query: after,
    reply: { ndjson: JobEventSchema },
  },
  jobResult: {
    method: "GET",
    path: "/v1/jobs/:id/result",
    summary: "The picture, PNG with its recipe",
    access: "jobs",
    params: id,
    reply: "picture",
  },
  jobThumbnail: {
    method: "GET",
    path: "/v1/jobs/:id/thumbnail",
    summary: "The picture, small",
    access: "jobs",
    params: id,
    reply: "picture",
  },
  jobPreview: {
    method: "GET",
    path: "/v1/jobs/:id/previews/:sequence",
    summary: "The latest preview, if not older than asked",
    access: "jobs",
    params: Type.Object({ id: IdSchema, sequence: Type.String({ pattern: "^[1-9][0-9]{0,14}$" }) }, CLOSED),
    reply: "picture",
  },

  batchSubmit: {
    method: "POST",
    path: "/v1/batches",
    summary: "One recipe, many contents",
    access: "jobs",
    body: BatchRequestSchema,
    idempotent: true,
    reply: { json: BatchSchema },
  },
  batches: {
    method: "GET",
    path: "/v1/batches",
    summary: "Batches, newest first",
    access: "jobs",
    query: limit,
    reply: { json: BatchListSchema },
  },
  batch: {
    method: "GET",
    path: "/v1/batches/:id",
    summary: "One batch with its frames",
    access: "jobs",
    params: id,
    reply: { json: BatchSchema },
  },
  batchChange: {
    method: "PATCH",
    path: "/v1/batches/:id",
    summary: "Pause, resume, retry, skip",
    access: "jobs",
    params: id,
    body: BatchChangeSchema,
    reply: { json: BatchSchema },
  },
  batchDelete: {
    method: "DELETE",
    path: "/v1/batches/:id",
    summary: "Cancel; with forget also remove",
    access: "jobs",
    params: id,
    query: forget,
    reply: { json: BatchSchema },
  },
  batchEvents: {
    method: "GET",
    path: "/v1/batches/:id/events",
    summary: "Frames as they change, NDJSON, resumable",
    access: "jobs",
    params: id,
    query: after,
    reply: { ndjson: BatchEventSchema },
  },

  devices: {
    method: "GET",
    path: "/v1/devices",
    summary: "What can do the work",
    access: "jobs",
    reply: { json: DeviceListSchema },
  },
  networks: {
    method: "GET",
    path: "/v1/networks",
    summary: "Networks, here and to be had",
    access: "jobs",
    reply: { json: NetworkListSchema },
  },
  networkPull: {
    method: "POST",
    path: "/v1/networks/:name/pull",
    summary: "Download a network",
    access: "jobs",
    params: name,
    reply: { json: NetworkSchema },
  },
  networkEvents: {
    method: "GET",
    path: "/v1/networks/:name/events",
    summary: "Progress of its download, NDJSON",
    access: "jobs",
    params: name,
    query: after,
    reply: { ndjson: PullEventSchema },
  },
  models: {
    method: "GET",
    path: "/v1/models",
    summary: "Networks of others that are styles themselves",
    access: "jobs",
    reply: { json: ModelListSchema },
  },
  modelAdd: {
    method: "POST",
    path: "/v1/models",
    summary: "Bring one in: an ONNX file, looked through and tried in a process of its own",
    access: "jobs",
    query: NewModelSchema,
    body: "bytes",
    maxBytes: MAX_MODEL_BYTES,
    reply: { json: ModelSchema },
  },
  modelDelete: {
    method: "DELETE",
    path: "/v1/models/:name",
    summary: "Remove one",
    access: "jobs",
    params: Type.Object({ name: ModelNameSchema }, CLOSED),
    reply: "nothing",
  },
  learningSubmit: {
    method: "POST",
    path: "/v1/learnings",
    summary: "Learn a style, or several in one file, on the pictures that it is for",
    access: "jobs",
    body: LearningRequestSchema,
    reply: { json: LearningSchema },
  },
  learnings: {
    method: "GET",
    path: "/v1/learnings",
    summary: "Learned styles, and one that is being learned, newest first",
    access: "jobs",
    reply: { json: LearningListSchema },
  },
  learning: {
    method: "GET",
    path: "/v1/learnings/:id",
    summary: "One of them",
    access: "jobs",
    params: id,
    reply: { json: LearningSchema },
  },
  learningChange: {
    method: "PATCH",
    path: "/v1/learnings/:id",
    summary: "Pause, resume, stop and keep",
    access: "jobs",
    params: id,
    body: LearningChangeSchema,
    reply: { json: LearningSchema },
  },
  learningDelete: {
    method: "DELETE",
    path: "/v1/learnings/:id",
    summary: "Cancel and remove",
    access: "jobs",
    params: id,
    reply: { json: LearningSchema },
  },
  learningPreview: {
    method: "GET",
    path: "/v1/learnings/:id/preview",
    summary: "How a piece of a frame is painted by what has been learned so far",
    access: "jobs",
    params: id,
    reply: "picture",
  },
  learningResult: {
    method: "GET",
    path: "/v1/learnings/:id/result",
    summary: "The learned style: a JPEG that jobs and batches take for a style",
    access: "jobs",
    params: id,
    query: LearningResultQuerySchema,
    reply: "picture",
  },
  workers: {
    method: "GET",
    path: "/v1/workers",
    summary: "Other machines that do the work",
    access: "jobs",
    reply: { json: WorkerListSchema },
  },
  workBeat: {
    method: "POST",
    path: "/v1/work/beat",
    summary: "A worker is there, and asks what its jobs should do",
    access: "work",
    body: BeatSchema,
    reply: { json: BeatReplySchema },
  },
  workClaim: {
    method: "POST",
    path: "/v1/work/claim",
    summary: "Take a job that was found in the queue",
    access: "work",
    body: ClaimSchema,
    reply: { json: ClaimReplySchema },
  },
  workBlob: {
    method: "GET",
    path: "/v1/work/jobs/:id/blobs/:sha256",
    summary: "A picture of a job in work",
    access: "work",
    params: jobFile,
    query: Type.Object(held, CLOSED),
    reply: "bytes",
  },
  workNetwork: {
    method: "GET",
    path: "/v1/work/jobs/:id/networks/:sha256",
    summary: "A network that a job in work needs",
    access: "work",
    params: jobFile,
    query: Type.Object(held, CLOSED),
    reply: "bytes",
  },
  workCheckpoint: {
    method: "GET",
    path: "/v1/work/jobs/:id/checkpoint",
    summary: "What a job in work goes on from",
    access: "work",
    params: id,
    query: Type.Object(held, CLOSED),
    reply: "bytes",
  },
  workShot: {
    method: "GET",
    path: "/v1/work/jobs/:id/shot",
    summary: "What the frame before left for the one in work",
    access: "work",
    params: id,
    query: Type.Object(held, CLOSED),
    reply: "bytes",
  },
  workShotPut: {
    method: "PUT",
    path: "/v1/work/jobs/:id/shot",
    summary: "What the frame in work leaves for the next one",
    access: "work",
    params: id,
    query: Type.Object(held, CLOSED),
    body: "bytes",
    maxBytes: MAX_CHECKPOINT_BYTES,
    reply: "nothing",
  },
  workCheckpointPut: {
    method: "PUT",
    path: "/v1/work/jobs/:id/checkpoint",
    summary: "What a job in work could go on from",
    access: "work",
    params: id,
    query: Type.Object(held, CLOSED),
    body: "bytes",
    maxBytes: MAX_CHECKPOINT_BYTES,
    reply: "nothing",
  },
  workPreviewPut: {
    method: "PUT",
    path: "/v1/work/jobs/:id/preview",
    summary: "How a job in work looks now",
    access: "work",
    params: id,
    query: Type.Object({ ...held, width: side, height: side }, CLOSED),
    body: "bytes",
    reply: "nothing",
  },
  workFinish: {
    method: "PUT",
    path: "/v1/work/jobs/:id/result",
    summary: "What a job came to: a line of JSON, then the picture",
    access: "work",
    params: id,
    query: Type.Object(held, CLOSED),
    body: "bytes",
    maxBytes: MAX_JSON_BYTES + MAX_RESULT_BYTES,
    reply: "nothing",
  },
  workReport: {
    method: "POST",
    path: "/v1/work/jobs/:id/report",
    summary: "What else becomes of a job in work",
    access: "work",
    params: id,
    body: ReportSchema,
    reply: "nothing",
  },
  doctor: {
    method: "GET",
    path: "/v1/doctor",
    summary: "What works here, what does not, what to do",
    access: "jobs",
    reply: { json: DoctorSchema },
  },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof ROUTES;
export const ROUTE_NAMES = Object.keys(ROUTES) as RouteName[];
