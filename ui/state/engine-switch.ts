// From one engine to the other while the panel is open.

import type { ReadonlySignal } from "@preact/signals-core";
import type { EngineCapabilities } from "../engines/style-engine.ts";
import type { CompanionLink } from "./link.ts";
import type { PreferenceStore } from "./preferences.ts";
import type { RunModel } from "./run.ts";

export interface EngineSwitchParts {
  link: CompanionLink;
  preferences: PreferenceStore;
  run: RunModel;
  engineKind: ReadonlySignal<EngineCapabilities["kind"]>;
}

export function createEngineSwitch({ link, preferences, run, engineKind }: EngineSwitchParts) {
  return {
    /** "Continue in this panel": the companion is left alone until useCompanion. */
    continueInPanel(): void {
      const move = run.phase.value === "running" && engineKind.value === "companion";
      preferences.set({ engine: "panel" });
      if (move) void run.restart();
    },
    useCompanion(): void {
      preferences.set({ engine: "auto" });
      link.retry();
    },
    /** After a failure that the panel's engine can step in for. */
    runInPanel(): Promise<void> {
      preferences.set({ engine: "panel" });
      return run.retry();
    },
  };
}
