// The engine's side of the worker. Where the frame allows no worker, the panel runs the same script on its main thread
// and speaks to `impastoServe` instead.

import type { StylizeRequest, StylizeResult } from "../../../../companion/protocol/engine.ts";
import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import { QUALITIES } from "../../../../companion/protocol/settings.ts";
import { type GpuBackend, offerBackends, startBackend } from "../backends/backend.ts";
import { parseDetailer } from "../core/detailer.ts";
import { type Network, parseNetwork } from "../core/network.ts";
import { styleDistance } from "../core/style-distance.ts";
import type { FromWorker, MeasuredResult, NetworkFiles, Port, ToWorker } from "../messages.ts";
import { type Control, makeControl } from "./control.ts";
import { type PaintNetworks, QuickRun } from "./quick-run.ts";
import { PanelRun, type RunReporter } from "./run.ts";

/** Progress is sent this often at most: the panel draws it, nobody reads faster. */
const PROGRESS_INTERVAL_MS = 50;

function serve(port: Port<FromWorker, ToWorker>): void {
  let networks: PaintNetworks | null = null;
  let current: { id: number; run: PanelRun | QuickRun; control: Control } | null = null;

  async function open(files: NetworkFiles): Promise<void> {
    try {
      const network = parseNetwork(files.network);
      const widths = new Map(network.convolutions.map(({ layer, outChannels }) => [layer, outChannels]));
      networks = { network, detailer: parseDetailer(files.detailer, widths) };
      port.post({ type: "opened", capabilities: await startBackend() });
    } catch (error) {
      port.post({ type: "refused", error: toBody(error) });
    }
  }

  async function start(id: number, message: ToWorker & { type: "start" }): Promise<void> {
    let sent = 0;
    const control = makeControl();
    try {
      if (networks === null) throw new ImpastoError("internal", "The engine was not opened.");
      const reporter: RunReporter = {
        progress(progress) {
          const last = progress.totalIteration === progress.totalIterations;
          if (!last && performance.now() - sent < PROGRESS_INTERVAL_MS) return;
          sent = performance.now();
          port.post({ type: "progress", run: id, progress });
        },
        moved: (capabilities) => port.post({ type: "moved", run: id, capabilities }),
      };
      const { request } = message;
      const isQuick = QUALITIES[request.settings.quality].method === "quick";
      const run = isQuick
        ? new QuickRun(request, networks, control, reporter)
        : new PanelRun(request, networks.network, control, reporter);
      current = { id, run, control };
      const painted = await run.run();
      const result = message.measure ? await measured(painted, request, networks.network) : painted;
      port.post({ type: "done", run: id, result }, [result.picture.data.buffer as ArrayBuffer]);
    } catch (error) {
      port.post({ type: "failed", run: id, error: toBody(error) });
    } finally {
      if (current?.id === id) current = null;
    }
  }

  port.listen((message) => {
    if (message.type === "open") return void open(message.files);
    if (message.type === "start") return void start(message.run, message);
    const here = current?.id === message.run ? current : null;
    switch (message.type) {
      case "preview":
        return port.post({
          type: "preview",
          run: message.run,
          id: message.id,
          preview: here?.run.preview() ?? null,
        });
      case "update":
        return here?.control.update(message.settings);
      default:
        return here?.control[message.type]();
    }
  });
  port.post({ type: "alive" });
}

/** A result counts without it. */
async function measured(result: StylizeResult, { styles }: StylizeRequest, network: Network): Promise<MeasuredResult> {
  const [style] = styles;
  if (style === undefined || styles.length > 1) return result;
  try {
    return { ...result, styleDistance: await styleDistance(network, result.picture, style.picture) };
  } catch {
    return result;
  }
}

function toBody(error: unknown) {
  if (error instanceof ImpastoError) return error.toBody();
  const detail = error instanceof Error ? error.message : String(error);
  return new ImpastoError("internal", `The panel's own engine failed: ${detail}`).toBody();
}

const scope = globalThis as unknown as {
  document?: unknown;
  impastoServe?: typeof serve;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToWorker>) => void): void;
  removeEventListener(type: "message", listener: (event: MessageEvent<ToWorker>) => void): void;
};
/** Waits for the panel's messages, in a worker or on the main thread. `backends` in the order of preference. */
export function serveHere(backends: readonly GpuBackend[]): void {
  offerBackends(backends);
  if (scope.document === undefined) {
    serve({
      post: (message, transfer = []) => scope.postMessage(message, transfer),
      listen(listener) {
        const hear = ({ data }: MessageEvent<ToWorker>) => listener(data);
        scope.addEventListener("message", hear);
        return () => scope.removeEventListener("message", hear);
      },
    });
  } else {
    scope.impastoServe = serve;
  }
}
