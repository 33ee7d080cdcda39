// A batch inside the panel: one frame after another, results kept until they are fetched. It ends with the panel.

import { type ErrorBody, ImpastoError } from "../../../companion/protocol/errors.ts";
import type { SourcePicture } from "../../host.ts";
import type {
  BatchContent,
  BatchFrameStatus,
  BatchListeners,
  BatchRunState,
  EngineBatch,
  EngineBatchRequest,
  EngineRequest,
  EngineResult,
  EngineRun,
  StyleEngine,
} from "../style-engine.ts";

interface Frame {
  state: BatchFrameStatus["state"];
  fraction: number;
  error: ErrorBody | null;
  result: EngineResult | null;
  /** Its own, instead of the batch's. */
  strength: number | null;
}

export interface PanelBatch extends EngineBatch {
  /** Another picture is asked for: a paused batch would hold it up, so the frame in work begins anew later. */
  giveUpTurn(): void;
}

export async function startPanelBatch(
  engine: Pick<StyleEngine, "stylize">,
  request: EngineBatchRequest,
  listeners: BatchListeners,
): Promise<PanelBatch> {
  const { contents, name: _, ...shared } = request;
  const frames: Frame[] = contents.map(() => ({
    state: "queued",
    fraction: 0,
    error: null,
    result: null,
    strength: null,
  }));
  const began = performance.now();
  let settled = 0;
  let state: BatchRunState = "running";
  let current: { index: number; run: EngineRun | null; abort: AbortController; again: boolean } | null = null;
  let listening = true;

  const tellFrame = (index: number): void => {
    const { state: frameState, fraction, error, result } = frames[index] as Frame;
    const { notes = [], styleDistance = null } = result ?? {};
    if (listening) listeners.onFrame({ index, state: frameState, fraction, error, notes, styleDistance });
  };
  const tellState = (): void => {
    const waiting = frames.filter((frame) => frame.state === "queued" || frame.state === "running").length;
    const perFrame = settled === 0 ? null : (performance.now() - began) / 1000 / settled;
    if (listening) listeners.onState(state, perFrame === null ? null : perFrame * waiting);
  };
  const set = (index: number, change: Partial<Frame>): void => {
    Object.assign(frames[index] as Frame, change);
    tellFrame(index);
  };

  async function work(index: number): Promise<void> {
    const content = contents[index];
    if (content === undefined) return;
    const abort = new AbortController();
    const here = { index, run: null as EngineRun | null, abort, again: false };
    current = here;
    try {
      set(index, { state: "reading" });
      const picture = await content.read();
      if (abort.signal.aborted) throw new ImpastoError("cancelled", "The frame was cancelled.");
      set(index, { state: "running" });
      here.run = engine.stylize(requestOf(content, picture, (frames[index] as Frame).strength), {
        signal: abort.signal,
        onProgress: ({ fraction }) => set(index, { fraction }),
      });
      if (state === "paused") here.run.pause();
      set(index, { result: await here.run.result, state: "done", fraction: 1 });
      settled++;
    } catch (error) {
      // A skipped frame has said so already.
      if (here.again && state !== "cancelled") set(index, { state: "queued", fraction: 0 });
      else if ((frames[index] as Frame).state !== "skipped") settle(index, error);
    } finally {
      current = null;
    }
  }

  function requestOf({ style }: BatchContent, content: SourcePicture, strength: number | null): EngineRequest {
    const own = style === undefined ? undefined : shared.styles[style];
    const settings = strength === null ? shared.settings : { ...shared.settings, strength };
    return { ...shared, content, ...(own && { styles: [own] }), settings };
  }

  function again(wanted: readonly number[], states: readonly Frame["state"][], change: Partial<Frame>): void {
    for (const index of wanted) {
      if (!states.includes(frames[index]?.state ?? "queued")) continue;
      set(index, { ...change, state: "queued", fraction: 0, error: null, result: null });
    }
    if (state === "done" || state === "cancelled") state = "running";
    goOn();
  }

  function settle(index: number, error: unknown): void {
    const known = error instanceof ImpastoError ? error : new ImpastoError("internal", "This frame failed.");
    if (known.code === "cancelled") set(index, { state: "cancelled" });
    else set(index, { state: "failed", error: known.toBody() });
    settled++;
  }

  async function workThroughQueue(): Promise<void> {
    while (current === null && state === "running") {
      const next = frames.findIndex((frame) => frame.state === "queued");
      if (next === -1) {
        state = "done";
        break;
      }
      tellState();
      await work(next);
    }
    tellState();
  }
  const goOn = (): void => {
    if (current === null) void workThroughQueue();
  };
  // Listeners hear the first frame after they have the handle.
  setTimeout(goOn);

  return {
    id: null,
    pause() {
      if (state !== "running") return;
      state = "paused";
      current?.run?.pause();
      tellState();
    },
    giveUpTurn() {
      if (state !== "paused" || current === null) return;
      current.again = true;
      current.abort.abort();
    },
    resume() {
      if (state !== "paused") return;
      state = "running";
      current?.run?.resume();
      tellState();
      goOn();
    },
    cancel() {
      state = "cancelled";
      frames.forEach((frame, index) => {
        if (frame.state === "queued") set(index, { state: "cancelled" });
      });
      current?.abort.abort();
      tellState();
    },
    retry(indices) {
      again(indices, ["failed", "cancelled", "skipped"], {});
    },
    repaint(indices, strength) {
      again(indices, ["done", "failed", "cancelled", "skipped"], { strength });
    },
    skip(indices) {
      for (const index of indices) {
        const frame = frames[index];
        if (frame === undefined || frame.state === "done") continue;
        set(index, { state: "skipped" });
        if (current?.index === index) current.abort.abort();
      }
    },
    async result(index) {
      const result = frames[index]?.result;
      if (!result) throw new ImpastoError("not-found", "This frame is not done yet.");
      return result;
    },
    detach() {
      listening = false;
    },
  };
}
