// Which way settings are painted: as its quality says, or from a quick picture where that pays.

import { DEFAULT_SETTINGS, type Method, QUALITIES, SETTINGS, type SettingName, type Settings } from "./settings.ts";

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
export function wayOf(settings: Settings): Method {
  const { quality, init, photoreal, model } = settings;
  if (model === null && init === "quick") return "quick";
  if (quality !== "standard") return QUALITIES[quality].method;
  const asUsual = BY_HAND.every((name) => isDefault(name, settings)) && photoreal !== "matting";
  return model === null && asUsual ? "quick" : "optimize";
}

/** More pictures than that are painted quick, unless a quality or something else is asked for that rules it out. */
export const MANY_PICTURES = 20;

/** The settings that many pictures are painted with. */
export function settingsForMany(given: Partial<Settings>, count: number): Partial<Settings> {
  const free = given.quality === undefined && (given.network ?? SETTINGS.network.default) === SETTINGS.network.default;
  if (count <= MANY_PICTURES || !free || wayOf({ ...DEFAULT_SETTINGS, ...given }) !== "quick") return given;
  return { ...given, quality: "quick" };
}

function isDefault(name: SettingName, settings: Settings): boolean {
  return String(settings[name]) === String(SETTINGS[name].default);
}
