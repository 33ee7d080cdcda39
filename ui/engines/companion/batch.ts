// A batch through the companion: frames are read and sent a few at a time, then the queue is the companion's own
// and outlives the panel.

import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import {
  type BatchChange,
  type BatchEvent,
  type BatchFrame,
  type BatchSummary,
  type FrameContent,
  isBatchOver,
} from "../../../companion/protocol/batches.ts";
import { type ErrorBody, ImpastoError } from "../../../companion/protocol/errors.ts";
import { isFinal } from "../../../companion/protocol/job-states.ts";
import { MAX_FRAMES } from "../../../companion/protocol/limits.ts";
import { mapSharedInTurn } from "../../../companion/protocol/request.ts";
import type { PictureRef } from "../../../companion/protocol/request-schema.ts";
import type { SourcePicture } from "../../host.ts";
import { toErrorBody } from "../../state/to-error-body.ts";
import type { BatchContent, BatchListeners, EngineBatch, EngineBatchRequest } from "../style-engine.ts";
import { follow } from "./follow.ts";
import type { RunContext } from "./run.ts";

/** Pictures read from the host at the same time; each may be tens of megabytes. */
const READERS = 3;

/** Reads and sends every frame, then starts. Frames that can not be read are reported and left out. */
export async function startBatch(
  context: RunContext,
  request: EngineBatchRequest,
  listeners: BatchListeners,
): Promise<EngineBatch> {
  const { http, uploads } = context;
  const { signal } = listeners;
  const { contents: frames, ...recipe } = request;
  if (frames.length > MAX_FRAMES) {
    throw new ImpastoError("bad-request", `A batch has at most ${MAX_FRAMES} pictures; these are ${frames.length}.`, {
      hint: "Paint them in several batches: fewer frames, or fewer styles at a time.",
    });
  }
  const sent = await mapSharedInTurn(recipe, (picture: SourcePicture) => uploads.picture(http(), picture, signal));
  const refs: (FrameContent | null)[] = frames.map(() => null);
  let firstError: ErrorBody | null = null;
  /** A frame that is painted in several styles is read and sent once. */
  const pictures = new Map<string, Promise<PictureRef>>();
  const send = ({ id, name, read }: BatchContent): Promise<PictureRef> => {
    const sending = pictures.get(id) ?? read().then((picture) => uploads.picture(http(), { ...picture, name }, signal));
    pictures.set(id, sending);
    return sending;
  };
  const queue = [...frames.entries()];
  const reader = async () => {
    for (let next = queue.shift(); next !== undefined && !signal?.aborted; next = queue.shift()) {
      const [index, content] = next;
      try {
        const { style } = content;
        refs[index] = { ...(await send(content)), ...(style !== undefined && { style }) };
        listeners.onFrame({ index, state: "queued", fraction: 0, error: null });
      } catch (cause) {
        if (cause instanceof ImpastoError && ["companion-unreachable", "cancelled"].includes(cause.code)) throw cause;
        firstError ??= toErrorBody(cause);
        listeners.onFrame({ index, state: "failed", fraction: 0, error: toErrorBody(cause) });
      }
    }
  };
  await Promise.all(Array.from({ length: READERS }, reader));
  if (signal?.aborted) throw new ImpastoError("cancelled", "The batch was cancelled.");

  /** Place in the panel's list by place in the companion's. */
  const places = refs.flatMap((ref, index) => (ref === null ? [] : [index]));
  const contents = refs.filter((ref) => ref !== null);
  if (contents.length === 0) throw asError(firstError);
  const idempotencyKey = bytesToHex(randomBytes(16));
  const batch = await http().json("batchSubmit", { body: { ...sent, contents }, idempotencyKey });
  return watch(context, batch.id, places, listeners);
}

/** Null when the companion does not know it. Every frame of the batch is reported at once. */
export async function attachBatch(
  context: RunContext,
  id: string,
  listeners: BatchListeners,
): Promise<EngineBatch | null> {
  const found = await context.http().json("batch", { params: { id } }).catch(orNullIfGone);
  if (found === null) return null;
  const { frames } = found;
  return watch(
    context,
    id,
    frames.map(({ index }) => index),
    listeners,
  );
}

function orNullIfGone(cause: unknown): null {
  if (cause instanceof ImpastoError && cause.code === "not-found") return null;
  throw cause;
}

function watch(context: RunContext, id: string, places: readonly number[], listeners: BatchListeners): EngineBatch {
  const { http } = context;
  const abort = new AbortController();
  const { signal } = abort;
  const jobs = new Map<number, string>();
  const results = new Map<number, NonNullable<BatchFrame["result"]>>();
  const followed = new Set<string>();
  /** Places of frames that are in work by the batch's own stream; a frame's stream may lag behind it. */
  const inWork = new Set<number>();
  let summary: BatchSummary | null = null;
  let listening = false;

  function onEvent(event: BatchEvent): void {
    if (event.type === "state") {
      summary = event.batch;
      listeners.onState(summary.state, summary.secondsLeft);
      return;
    }
    const { index, state, job, result, error } = event.frame;
    const place = places[index];
    if (place === undefined) return;
    jobs.set(place, job);
    if (result !== null) results.set(place, result);
    if (state === "running") inWork.add(place);
    else inWork.delete(place);
    const { notes = [], styleDistance = null } = result ?? {};
    listeners.onFrame({ index: place, state, fraction: state === "done" ? 1 : 0, error, notes, styleDistance });
    if (state === "running") void followFrame(place, job);
  }

  /** The batch's own stream tells states; how far the running frame is stands in its job's. */
  async function followFrame(place: number, job: string): Promise<void> {
    if (followed.has(job)) return;
    followed.add(job);
    await follow({
      http,
      route: "jobEvents",
      params: { id: job },
      signal,
      onEvent: (event) => {
        if (event.type !== "progress" || jobs.get(place) !== job || !inWork.has(place)) return;
        const { fraction } = event.progress;
        listeners.onFrame({ index: place, state: "running", fraction, error: null });
      },
      isLast: (event) => event.type === "state" && (isFinal(event.state) || event.state === "paused"),
    }).catch(() => undefined);
    followed.delete(job);
  }

  /** The stream ends with the batch; a retry begins it again. */
  async function listen(): Promise<void> {
    if (listening) return;
    listening = true;
    await follow({
      http,
      route: "batchEvents",
      params: { id },
      signal,
      onEvent,
      onLost: (lost) => listeners.onState(lost ? "lost" : (summary?.state ?? "running"), summary?.secondsLeft ?? null),
      isLast: (event) => event.type === "state" && isBatchOver(event.batch),
    }).catch(() => undefined);
    listening = false;
  }

  function change(action: BatchChange["action"], frames?: readonly number[], strength?: number): void {
    const own = frames?.map((place) => places.indexOf(place)).filter((index) => index >= 0);
    const body = { action, ...(own && { frames: own }), ...(strength !== undefined && { strength }) };
    http()
      .json("batchChange", { params: { id }, body })
      .then(
        (batch) => {
          listeners.onState(batch.state, batch.secondsLeft);
          if (action === "retry" || action === "repaint") void listen();
        },
        () => undefined,
      );
  }

  void listen();
  return {
    id,
    pause: () => change("pause"),
    resume: () => change("resume"),
    retry: (frames) => change("retry", frames),
    skip: (frames) => change("skip", frames),
    repaint: (frames, strength) => change("repaint", frames, strength),
    cancel: () =>
      void http()
        .send("batchDelete", { params: { id } })
        .catch(() => undefined),
    detach: () => abort.abort(),
    async result(place) {
      const job = jobs.get(place);
      const result = results.get(place);
      if (job === undefined || result === undefined)
        throw new ImpastoError("not-found", "This frame is not ready yet.");
      const bytes = await http().picture("jobResult", { params: { id: job } });
      const { width, height, iterations, seconds, stopped, fallback, notes } = result;
      const device = context.deviceName(result.device);
      return {
        id: job,
        bytes,
        width,
        height,
        iterations,
        seconds,
        device,
        stopped,
        ...(fallback !== undefined && { fallback }),
        ...(notes !== undefined && { notes }),
      };
    },
  };
}

function asError(body: ErrorBody | null): ImpastoError {
  return body === null ? new ImpastoError("bad-request", "There is no frame to work on.") : ImpastoError.fromBody(body);
}
