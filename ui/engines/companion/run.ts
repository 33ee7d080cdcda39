// One picture through the companion: upload, submit, follow, fetch.

import { bytesToHex, randomBytes } from "@noble/hashes/utils.js";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { isFinal } from "../../../companion/protocol/job-states.ts";
import type { JobEvent, JobRequest } from "../../../companion/protocol/jobs.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { checkLive } from "../../../companion/protocol/settings-checks.ts";
import { toBlob } from "../../pictures.ts";
import type { EngineRequest, EngineResult, EngineRun, RunListeners, RunState } from "../style-engine.ts";
import { follow, pause } from "./follow.ts";
import type { CompanionHttp } from "./http.ts";
import type { Uploads } from "./upload.ts";

export interface RunContext {
  http(): CompanionHttp;
  uploads: Uploads;
  /** A device as people know it, from its kind. */
  deviceName(kind: string): string;
}

/** Between two tries to send a change while the companion does not answer. */
const RETRY_MS = 500;

export function startRun(context: RunContext, request: EngineRequest, listeners: RunListeners): EngineRun {
  const { http, uploads } = context;
  const abort = new AbortController();
  const { signal } = abort;
  listeners.signal?.addEventListener("abort", () => abort.abort(), { once: true });
  if (listeners.signal?.aborted) abort.abort();

  let job: string | null = null;
  let lastState: RunState = "waiting";
  let waitingSettings: Partial<Settings> | null = null;
  let waitingAction: "pause" | "resume" | "stop" | null = null;
  let sending = false;
  let newestPreview = 0;
  let fetchingPreview = false;

  function tell(state: RunState): void {
    listeners.onState?.(state);
  }

  async function submit(): Promise<string> {
    const idempotencyKey = bytesToHex(randomBytes(16));
    const send = async (body: JobRequest) => (await http().json("jobSubmit", { body, idempotencyKey, signal })).id;
    return uploads.submit(http(), request, send, signal);
  }

  async function fetchPreview(): Promise<void> {
    if (fetchingPreview || job === null) return;
    fetchingPreview = true;
    try {
      for (let shown = 0; shown < newestPreview; ) {
        shown = newestPreview;
        const bytes = await http().picture("jobPreview", { params: { id: job, sequence: String(shown) }, signal });
        const bitmap = await createImageBitmap(toBlob(bytes));
        if (signal.aborted) bitmap.close();
        else listeners.onPreview?.(bitmap);
      }
    } catch {
      // A preview that was overtaken or lost is no loss: the next one comes.
    } finally {
      fetchingPreview = false;
    }
  }

  function onEvent(event: JobEvent): void {
    switch (event.type) {
      case "progress":
        listeners.onProgress?.(event.progress);
        return;
      case "preview":
        newestPreview = event.sequence;
        if (listeners.onPreview) void fetchPreview();
        return;
      case "state":
        lastState = toRunState(event);
        tell(lastState);
        return;
      case "change":
        return;
    }
  }

  /** Sends what was changed, latest values only, until the companion has taken it. */
  async function sendChanges(): Promise<void> {
    if (sending || job === null) return;
    sending = true;
    while ((waitingSettings !== null || waitingAction !== null) && !signal.aborted) {
      const [settings, action] = [waitingSettings, waitingAction];
      waitingSettings = null;
      waitingAction = null;
      try {
        const body = { ...(settings && { settings }), ...(action && { action }) };
        await http().json("jobChange", { params: { id: job }, body, signal });
      } catch (cause) {
        // "conflict": it ended in the meantime.
        if (!(cause instanceof ImpastoError) || cause.code !== "companion-unreachable") break;
        waitingSettings = { ...settings, ...(waitingSettings as Partial<Settings> | null) };
        waitingAction ??= action;
        await pause(RETRY_MS, signal);
      }
    }
    sending = false;
  }

  async function perform(): Promise<EngineResult> {
    job = await submit();
    const id = job;
    void sendChanges();
    const last = await follow({
      http,
      route: "jobEvents",
      params: { id },
      signal,
      onEvent,
      onLost: (lost) => tell(lost ? "lost" : lastState),
      isLast: (event) => event.type === "state" && isFinal(event.state),
    });
    if (last.type !== "state" || last.state !== "done" || last.result === undefined) throw failure(last);
    const { width, height, iterations, seconds, device, fallback, notes, stopped } = last.result;
    const bytes = await http().picture("jobResult", { params: { id }, signal });
    const name = context.deviceName(device);
    return {
      id,
      bytes,
      width,
      height,
      iterations,
      seconds,
      device: name,
      stopped,
      ...(fallback !== undefined && { fallback }),
      ...(notes !== undefined && { notes }),
    };
  }

  const result = perform();
  signal.addEventListener("abort", () => {
    if (job !== null)
      void http()
        .send("jobDelete", { params: { id: job } })
        .catch(() => undefined);
  });

  return {
    result,
    update(settings) {
      checkLive(settings);
      waitingSettings = { ...waitingSettings, ...settings };
      void sendChanges();
    },
    pause: () => act("pause"),
    resume: () => act("resume"),
    stop: () => act("stop"),
  };

  function act(action: "pause" | "resume" | "stop"): void {
    waitingAction = action;
    void sendChanges();
  }
}

function toRunState(event: JobEvent & { type: "state" }): RunState {
  if (event.state === "running" || isFinal(event.state)) return "running";
  if (event.state !== "paused") return "waiting";
  // Its client is back: the companion takes it up again by itself.
  if (event.pauseReason === "restart" || event.pauseReason === "client-gone") return "waiting";
  return event.pauseReason === "disk-full" ? "disk-full" : "paused";
}

function failure(event: JobEvent): ImpastoError {
  if (event.type === "state" && event.error !== undefined) return ImpastoError.fromBody(event.error);
  return new ImpastoError("cancelled", "The work was cancelled.");
}
