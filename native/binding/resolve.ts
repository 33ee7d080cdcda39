// From the settings table to what the engine computes with: quality becomes a size and iteration counts, strength a
// ratio of weights.
// The addon has no defaults of its own: it reads every field by name and misses none silently.

import { QUALITIES, type Settings } from "../../companion/protocol/settings.ts";
import { styleToContentRatio } from "../../companion/protocol/strength.ts";

type Resolved = "quality" | "network" | "size" | "firstIterations" | "iterations" | "strength";
export type ResolvedSettings = Omit<Settings, Resolved> & {
  /** What strength means to the optimizer. */
  styleToContent: number;
  /** Long side of the result, px. */
  size: number;
  firstIterations: number;
  iterations: number;
};
export type LiveSettings = Pick<
  ResolvedSettings,
  | "styleToContent"
  | "styleLayerWeights"
  | "contentLayerWeights"
  | "contentWeight"
  | "styleWeight"
  | "tvWeight"
  | "stepSize"
>;

/** The quality's size never exceeds the content's own; a size given by hand may. */
export function resolveSettings(settings: Settings, content: { width: number; height: number }): ResolvedSettings {
  const { quality, network: _, size, firstIterations, iterations, strength, ...rest } = settings;
  const preset = QUALITIES[quality];
  return {
    ...rest,
    styleToContent: styleToContentRatio(strength),
    size: size ?? Math.min(preset.size, Math.max(content.width, content.height)),
    firstIterations: firstIterations ?? preset.firstIterations,
    iterations: iterations ?? preset.iterations,
  };
}
