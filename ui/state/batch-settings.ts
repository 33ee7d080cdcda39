// What a batch is painted with: what is set under Stylize; an animation, and many results unless a person wants otherwise, quick.

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { SETTINGS, type Settings } from "../../companion/protocol/settings.ts";
import { settingsForMany } from "../../companion/protocol/way.ts";
import type { EngineCapabilities } from "../engines/style-engine.ts";
import type { PreferenceStore } from "./preferences.ts";

export interface BatchSettingsParts {
  preferences: PreferenceStore;
  /** Of the engine that takes the next batch; null while that is not known. */
  capabilities: ReadonlySignal<EngineCapabilities | null>;
}

export function createBatchSettings(
  { preferences, capabilities }: BatchSettingsParts,
  asAnimation: ReadonlySignal<boolean>,
  results: ReadonlySignal<number>,
) {
  const wantsQuick = signal(true);
  const given = computed(() => preferences.value.value.settings);

  /** What so many results are painted with, if nobody objects. */
  const forMany = computed<Settings>(() => {
    const { quality, ...others } = given.value;
    const knowsQuick = capabilities.value?.methods.includes("quick") === true;
    // The panel does not tell a quality that was chosen from one that nobody touched.
    if (!knowsQuick || quality !== SETTINGS.quality.default) return given.value;
    return { ...given.value, ...settingsForMany(others, results.value) };
  });

  return {
    /** There are so many results that they are painted quick by themselves. */
    isMany: computed(() => !asAnimation.value && forMany.value.quality !== given.value.quality),
    wantsQuick,
    settings: computed<Settings>(() => {
      if (asAnimation.value) return { ...given.value, quality: "quick", iterations: null };
      return wantsQuick.value ? forMany.value : given.value;
    }),
  };
}
