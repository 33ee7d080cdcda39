// From the settings table to what the engine computes with: quality becomes a size and iteration counts.
// The addon has no defaults of its own: it reads every field by name and misses none silently.

import { QUALITIES, type Settings } from "../companion/protocol/settings.ts";

export type ResolvedSettings = Omit<Settings, "quality" | "network" | "size" | "firstIterations" | "iterations"> & {
  /** Long side of the result, px. */
  size: number;
  firstIterations: number;
  iterations: number;
};
export type LiveSettings = Pick<
  Settings,
  "strength" | "styleLayerWeights" | "contentLayerWeights" | "contentWeight" | "styleWeight" | "tvWeight" | "stepSize"
>;

/** The quality's size never exceeds the content's own; a size given by hand may. */
export function resolveSettings(settings: Settings, content: { width: number; height: number }): ResolvedSettings {
  const { quality, network: _, size, firstIterations, iterations, ...rest } = settings;
  const preset = QUALITIES[quality];
  return {
    ...rest,
    size: size ?? Math.min(preset.size, Math.max(content.width, content.height)),
    firstIterations: firstIterations ?? preset.firstIterations,
    iterations: iterations ?? preset.iterations,
  };
}
