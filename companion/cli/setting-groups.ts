// The settings as --help lists them: by what they change, those first that most pictures need.

import type { SettingName } from "../protocol/settings.ts";

export const SETTING_GROUPS = {
  "Settings:": ["quality", "size", "strength", "colors", "styleScale", "network", "model", "modelInput", "device"],
  "The look of the result:": [
    ...(["palette", "detail", "photoreal", "photorealStrength", "seamless"] as const),
    ...(["carry", "carryShare", "styleMix"] as const),
  ],
  "What is taken of the style and kept of the content:": [
    ...([
      "styleLoss",
      "contentLoss",
      "styleLayers",
      "contentLayers",
      "styleLayerWeights",
      "contentLayerWeights",
    ] as const),
    ...(["styleWeight", "contentWeight", "tvWeight", "tv", "pooling", "padding"] as const),
  ],
  "How the picture is come by:": [
    ...(["init", "seed", "minScale", "firstIterations", "middleIterations", "iterations"] as const),
    ...(["optimizer", "history", "stepSize", "averaging"] as const),
  ],
  "Time, memory, processor:": ["budget", "threads", "memory", "modelTile"],
} satisfies Record<string, readonly SettingName[]>;
