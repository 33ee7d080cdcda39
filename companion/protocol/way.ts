// Which way a request is painted: as its quality says, or from a quick picture where that pays.

import { isMaskRole, type PicturesOf, picturesOf, type RequestOf } from "./request.ts";
import { type Method, QUALITIES, SETTINGS, type SettingName, type Settings } from "./settings.ts";

/**
 * Who asks for one of these by hand asks for the optimization that it was made for: a quick picture is no start for it, or
 * has not been measured as one.
 */
const BY_HAND: readonly SettingName[] = [
  ...(["init", "budget", "seamless", "contentLoss", "styleLoss", "styleLayers", "contentLayers"] as const),
  ...(["contentWeight", "styleWeight", "styleLayerWeights", "contentLayerWeights", "pooling", "padding"] as const),
  ...(["optimizer", "averaging", "minScale", "firstIterations", "iterations"] as const),
];

/** Where an engine knows both ways. */
export function wayOf({ settings, ...pictures }: RequestOf<unknown>): Method {
  const { quality, init, photoreal, model } = settings;
  if (model === null && init === "quick") return "quick";
  if (quality !== "standard") return QUALITIES[quality].method;
  const asUsual = BY_HAND.every((name) => isDefault(name, settings)) && photoreal !== "matting";
  return model === null && asUsual && !hasMasks(pictures) ? "quick" : "optimize";
}

function isDefault(name: SettingName, settings: Settings): boolean {
  return String(settings[name]) === String(SETTINGS[name].default);
}

function hasMasks(pictures: PicturesOf<unknown>): boolean {
  return picturesOf(pictures).some(({ role }) => isMaskRole(role));
}
