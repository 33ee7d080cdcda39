// Which way a request is painted: as its quality says, or from a quick picture where that pays.

import type { PicturesOf, RequestOf } from "./request.ts";
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
export function wayOf({ settings, ...pictures }: RequestOf<unknown>): Method {
  const { quality, init, photoreal, model } = settings;
  if (model === null && init === "quick") return "quick";
  if (quality !== "standard") return QUALITIES[quality].method;
  const asUsual = BY_HAND.every((name) => isDefault(name, settings)) && photoreal !== "matting";
  const whole = pictures.styles.every(({ layers }) => layers === undefined);
  return model === null && asUsual && whole ? "quick" : "optimize";
}

/** More pictures than that are painted quick, unless a quality or something else is asked for that rules it out. */
export const MANY_PICTURES = 20;

/** The settings that many pictures are painted with; `pictures`: of one of them. */
export function settingsForMany(
  given: Partial<Settings>,
  pictures: PicturesOf<unknown>,
  count: number,
): Partial<Settings> {
  const settings = { ...DEFAULT_SETTINGS, ...given };
  const free = given.quality === undefined && settings.network === SETTINGS.network.default;
  if (count <= MANY_PICTURES || !free || wayOf({ ...pictures, settings }) !== "quick") return given;
  return { ...given, quality: "quick" };
}

function isDefault(name: SettingName, settings: Settings): boolean {
  return String(settings[name]) === String(SETTINGS[name].default);
}
