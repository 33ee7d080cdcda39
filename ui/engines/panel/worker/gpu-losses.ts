// A browser may take the GPU away at any moment, and a GPU may give up: the work then goes on with everything uploaded
// anew, a few times.

import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import {
  canGoOnAfter,
  contextLost,
  dropBackend,
  type GpuCapabilities,
  orContextLost,
  releaseUnused,
  startBackend,
} from "../backends/backend.ts";

/** Losing the GPU this often in one run means that it cannot do it. */
const MAX_LOST_CONTEXTS = 3;

export class GpuLosses {
  private readonly started: (capabilities: GpuCapabilities) => void;
  private count = 0;

  /** `started` is told what the work is done on, each time it begins. */
  constructor(started: (capabilities: GpuCapabilities) => void) {
    this.started = started;
  }

  /**
   * Does `work` with what `open` puts on the GPU; again after a loss, of which `work` itself must keep what it had done.
   * Throws ImpastoError("gpu-lost").
   */
  async survive<T extends { close(): void }, R>(open: () => Promise<T>, work: (opened: T) => Promise<R>): Promise<R> {
    for (;;) {
      let opened: T | null = null;
      try {
        this.started(await startBackend());
        opened = await orContextLost(open());
        return await work(opened);
      } catch (error) {
        if (!canGoOnAfter(error)) throw error;
        this.count++;
        if (this.count === MAX_LOST_CONTEXTS) throw gpuLost(error);
        opened = null;
        dropBackend();
      } finally {
        if (!contextLost()) opened?.close();
        releaseUnused();
      }
    }
  }
}

function gpuLost(cause: unknown): ImpastoError {
  return new ImpastoError("gpu-lost", "The graphics processor gave up several times on this picture.", {
    hint: "Choose a smaller size, or start the companion.",
    cause,
  });
}
