// What the outside may do to a run between two iterations: pause, resume, stop, abort, change live settings.

import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";

export interface Control {
  /** Resolves when the run may go on; rejects with ImpastoError("cancelled") after an abort. */
  gate(): Promise<void>;
  /** Changes since the last call, or null. */
  takeChanges(): Partial<Settings> | null;
  readonly stopped: boolean;
  update(settings: Partial<Settings>): void;
  pause(): void;
  resume(): void;
  stop(): void;
  abort(): void;
}

export function makeControl(): Control {
  let stopped = false;
  let aborted = false;
  let paused = false;
  let changes: Partial<Settings> | null = null;
  let wake: (() => void) | null = null;
  const goOn = (): void => {
    paused = false;
    wake?.();
    wake = null;
  };
  return {
    async gate() {
      while (paused && !aborted && !stopped) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (aborted) throw new ImpastoError("cancelled", "The run was cancelled.");
    },
    takeChanges() {
      const taken = changes;
      changes = null;
      return taken;
    },
    get stopped() {
      return stopped;
    },
    update(settings) {
      changes = { ...changes, ...settings };
    },
    pause() {
      paused = true;
    },
    resume: goOn,
    stop() {
      stopped = true;
      goOn();
    },
    abort() {
      aborted = true;
      goOn();
    },
  };
}
