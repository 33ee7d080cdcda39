// What crosses between the panel and the engine's worker. Pictures are transferred, not copied.

import type { Preview, StylizeRequest, StylizeResult } from "../../../companion/protocol/engine.ts";
import type { ErrorBody } from "../../../companion/protocol/errors.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import type { GpuCapabilities } from "./backends/backend.ts";

/** safetensors: the feature network, and what paints quick pictures with it. */
export interface NetworkFiles {
  network: Uint8Array;
  detailer: Uint8Array;
}

export interface MeasuredResult extends StylizeResult {
  /** protocol/style-distance.ts; missing where nobody asked, or where there are several styles. */
  styleDistance?: number;
}

/** One run at a time; `run` tells late messages of a finished one apart. */
export type ToWorker =
  | { type: "open"; files: NetworkFiles }
  /** `measure`: how far the result is from its style as well. */
  | { type: "start"; run: number; request: StylizeRequest; measure: boolean }
  | { type: "update"; run: number; settings: Partial<Settings> }
  | { type: "pause" | "resume" | "stop" | "abort"; run: number }
  | { type: "preview"; run: number; id: number };

export type FromWorker =
  | { type: "alive" }
  | { type: "opened"; capabilities: GpuCapabilities }
  | { type: "refused"; error: ErrorBody }
  | { type: "moved"; run: number; capabilities: GpuCapabilities }
  | { type: "progress"; run: number; progress: Progress }
  | { type: "preview"; run: number; id: number; preview: Preview | null }
  | { type: "done"; run: number; result: MeasuredResult }
  | { type: "failed"; run: number; error: ErrorBody };

/** Either side of a worker, or of the stand-in for one on the main thread. */
export interface Port<Out, In> {
  post(message: Out, transfer?: Transferable[]): void;
  /** Returns the way to stop. */
  listen(listener: (message: In) => void): () => void;
}
