// Which engine takes the next run: the companion where there is one, else the panel's own.

import { computed, effect } from "@preact/signals-core";
import type { EngineCapabilities, StyleEngine } from "../engines/style-engine.ts";
import type { CompanionLink } from "./link.ts";
import type { PreferenceStore } from "./preferences.ts";

/** The longest wait for the companion before a run goes to the panel's own engine. */
const SETTLE_MS = 5_000;

export type EngineChoice = ReturnType<typeof createEngineChoice>;

export function createEngineChoice(link: CompanionLink, panelEngine: StyleEngine, preferences: PreferenceStore) {
  /** The link tells its state again and again, with the seconds in it; what follows it waits for another kind. */
  const linkKind = computed(() => link.state.value.kind);

  /** Which engine takes the next run. */
  const engineKind = computed<EngineCapabilities["kind"]>(() => {
    const usable = ["ready", "lost", "starting"].includes(linkKind.value);
    return preferences.value.value.engine === "auto" && usable ? "companion" : "panel";
  });
  const present = (): StyleEngine => (engineKind.value === "companion" ? link.engine : panelEngine);
  const engine = async (): Promise<StyleEngine> => {
    await settled();
    return present();
  };

  /** The first look for the companion takes a moment, and a run that starts meanwhile should have it. */
  function settled(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SETTLE_MS);
      const stop = effect(() => {
        const looking = ["searching", "starting"].includes(linkKind.value);
        if (looking && preferences.value.value.engine === "auto") return;
        clearTimeout(timer);
        queueMicrotask(() => stop());
        resolve();
      });
    });
  }

  return { linkKind, engineKind, present, engine };
}
