// The panel's side of the engine: starts the worker the way this frame allows (blob:, data:, main thread),
// and gives each run its handle.

import type { Preview, Run, RunOptions, StylizeRequest } from "../../../companion/protocol/engine.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { GpuCapabilities } from "./backends/backend.ts";
import type { FromWorker, MeasuredResult, NetworkFiles, Port, ToWorker } from "./messages.ts";

export interface PanelClient {
  /** Of what computes now: a GPU that gave up may have been replaced. */
  capabilities: GpuCapabilities;
  /** How the engine runs in this frame; "main-thread" may stutter. */
  place: "blob-worker" | "data-worker" | "main-thread";
  /** One run at a time: the next one waits for this one's result. */
  stylize(request: StylizeRequest, options?: MeasuredRunOptions): MeasuredRun;
}

export interface MeasuredRunOptions extends RunOptions {
  /** The result says how far it is from its style. */
  measure?: boolean;
}

export interface MeasuredRun extends Run {
  result: Promise<MeasuredResult>;
}

interface PanelPort extends Port<ToWorker, FromWorker> {
  /** Ends the worker; where there is none, the script stays. */
  close(): void;
}

/**
 * A worker that has not answered by then is one that this frame's rules forbid. Nearly all that do tell at once; a busy
 * computer takes seconds to start one, and without one the panel would stand still.
 */
const ALIVE_TIMEOUT_MS = 10_000;

/** Throws ImpastoError("no-gpu" | "bad-network"). `script` is the built worker.ts or webgpu-worker.ts, `files` its networks. */
export async function openPanelClient(script: string, files: NetworkFiles): Promise<PanelClient> {
  const { port, place } = await startWorker(script);
  const opened = await openNetworks(port, files).catch((error: unknown) => {
    port.close();
    throw error;
  });
  let runs = 0;
  const client: PanelClient = {
    capabilities: opened,
    place,
    stylize(request, options = {}) {
      return startRun(port, ++runs, request, options, (capabilities) => {
        client.capabilities = capabilities;
      });
    },
  };
  return client;
}

function openNetworks(port: PanelPort, files: NetworkFiles): Promise<GpuCapabilities> {
  return new Promise<GpuCapabilities>((resolve, reject) => {
    const stop = port.listen((message) => {
      if (message.type === "opened") resolve(message.capabilities);
      else if (message.type === "refused") reject(ImpastoError.fromBody(message.error));
      else return;
      stop();
    });
    port.post({ type: "open", files });
  });
}

function startRun(
  port: PanelPort,
  id: number,
  request: StylizeRequest,
  options: MeasuredRunOptions,
  onMoved: (capabilities: GpuCapabilities) => void,
): MeasuredRun {
  const { onProgress, signal, measure = false } = options;
  const previews = new Map<number, (preview: Preview | null) => void>();
  let previewId = 0;
  let finished = false;
  const send = (message: ToWorker): void => {
    if (!finished) port.post(message);
  };
  const abort = (): void => send({ type: "abort", run: id });
  const result = new Promise<MeasuredResult>((resolve, reject) => {
    const finish = (): void => {
      finished = true;
      stopListening();
      signal?.removeEventListener("abort", abort);
      for (const answer of previews.values()) answer(null);
      previews.clear();
    };
    const stopListening = port.listen((message) => {
      if (!("run" in message) || message.run !== id) return;
      switch (message.type) {
        case "moved":
          return onMoved(message.capabilities);
        case "progress":
          return onProgress?.(message.progress);
        case "preview":
          previews.get(message.id)?.(message.preview);
          previews.delete(message.id);
          return;
        case "done":
          finish();
          return resolve(message.result);
        case "failed":
          finish();
          return reject(ImpastoError.fromBody(message.error));
      }
    });
  });
  port.post({ type: "start", run: id, request, measure });
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return {
    result,
    update: (settings) => send({ type: "update", run: id, settings }),
    pause: () => send({ type: "pause", run: id }),
    resume: () => send({ type: "resume", run: id }),
    stop: () => send({ type: "stop", run: id }),
    preview() {
      if (finished) return Promise.resolve(null);
      return new Promise((resolve) => {
        previews.set(++previewId, resolve);
        send({ type: "preview", run: id, id: previewId });
      });
    },
  };
}

async function startWorker(script: string): Promise<{ port: PanelPort; place: PanelClient["place"] }> {
  const blob = (): string => URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const data = (): string => `data:text/javascript;charset=utf-8,${encodeURIComponent(script)}`;
  for (const [place, url] of [
    ["blob-worker", blob],
    ["data-worker", data],
  ] as const) {
    const address = url();
    const port = await tryWorker(address);
    if (place === "blob-worker") URL.revokeObjectURL(address);
    if (port !== null) return { port, place };
  }
  return { port: onMainThread(script), place: "main-thread" };
}

/** Null when the frame forbids it, which it tells by throwing, by an error event or by silence. */
function tryWorker(url: string): Promise<PanelPort | null> {
  return new Promise((resolve) => {
    let worker: Worker;
    try {
      worker = new Worker(url);
    } catch {
      return resolve(null);
    }
    const give = (port: PanelPort | null): void => {
      clearTimeout(timer);
      if (port === null) worker.terminate();
      resolve(port);
    };
    const timer = setTimeout(() => give(null), ALIVE_TIMEOUT_MS);
    worker.addEventListener("error", () => give(null), { once: true });
    const port: PanelPort = {
      post: (message, transfer = []) => worker.postMessage(message, transfer),
      listen(listener) {
        const hear = ({ data }: MessageEvent<FromWorker>) => listener(data);
        worker.addEventListener("message", hear);
        return () => worker.removeEventListener("message", hear);
      },
      close: () => worker.terminate(),
    };
    worker.addEventListener("message", () => give(port), { once: true });
  });
}

/** The same script beside the panel's own; messages take a turn of the event loop, as a worker's do. */
function onMainThread(script: string): PanelPort {
  const element = document.createElement("script");
  element.textContent = script;
  document.head.append(element);
  const { impastoServe } = globalThis as unknown as { impastoServe(port: Port<FromWorker, ToWorker>): void };
  const toPanel = new Set<(message: FromWorker) => void>();
  const toEngine = new Set<(message: ToWorker) => void>();
  impastoServe({
    post: (message) => setTimeout(() => toPanel.forEach((listener) => void listener(message))),
    listen: (listener) => listenIn(toEngine, listener),
  });
  return {
    post: (message) => setTimeout(() => toEngine.forEach((listener) => void listener(message))),
    listen: (listener) => listenIn(toPanel, listener),
    close: () => element.remove(),
  };
}

function listenIn<M>(listeners: Set<(message: M) => void>, listener: (message: M) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
