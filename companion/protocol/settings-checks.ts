// What every engine checks of settings beyond each one's own range. Throws ImpastoError("bad-setting").

import { ImpastoError } from "./errors.ts";
import type { StyleOf } from "./request.ts";
import { isNative, QUALITIES, SETTINGS, type SettingDescription, type SettingName, type Settings } from "./settings.ts";
import { parseTerms } from "./terms.ts";

/** A list of layer weights has one for each layer. */
export function checkLayerWeights(settings: Settings): void {
  for (const kind of ["style", "content"] as const) {
    const weights = settings[`${kind}LayerWeights`];
    const layers = settings[`${kind}Layers`];
    if (weights === null || weights.length === layers.length) continue;
    throw new ImpastoError(
      "bad-setting",
      `Expected ${layers.length} values for ${kind}LayerWeights, one for each layer, but received ${weights.length}.`,
    );
  }
}

/** Who starts from a picture gives one. */
export function checkInitial({ init }: Settings, hasInitial: boolean): void {
  if (init !== "image" || hasInitial) return;
  throw new ImpastoError("bad-setting", 'Expected a picture to start from for init "image" but received none.', {
    hint: "Give one, or start from the content.",
  });
}

/** What the quality's way to paint has no use for. */
export function checkMethod({ quality, budget, init, colors, detail, photoreal, seamless, model }: Settings): void {
  if (model !== null) {
    const refuse = (what: string) => {
      throw new ImpastoError("bad-setting", `A model ${what}.`, { hint: "Leave that out, or leave the model out." });
    };
    if (budget !== null) refuse("takes one pass, and no time budget");
    if (init !== null && init !== "content") refuse("starts from the content");
    if (seamless !== "off") refuse("is not made to be seamless");
    if (photoreal !== "off") refuse("is not made photographic");
    if (detail !== 0) refuse("decides itself how much detail it holds");
    if (colors.startsWith("keep-")) refuse("keeps colors by light and dark alone (keep)");
    return;
  }
  if (QUALITIES[quality].method !== "quick" && init !== "quick") return;
  const refuse = (what: string) => {
    throw new ImpastoError("bad-setting", `A quick picture ${what}.`, {
      hint: "Leave that out, or choose standard quality.",
    });
  };
  if (budget !== null) refuse("takes a second or two, and no time budget");
  if (init === "noise" || init === "style-colors" || init === "image") refuse("starts from the content");
  if (seamless !== "off") refuse("is not made to be seamless");
  if (photoreal === "matting") refuse("is made photographic by guided, not by matting");
}

/** What keeps frames of a sequence from flickering: they are painted quick, and each polish would be another. */
export function checkSequence({ quality, iterations, model }: Settings): void {
  const refuse = (what: string, hint: string) => {
    throw new ImpastoError("bad-setting", `The frames of a sequence are ${what}, so that nothing flickers.`, { hint });
  };
  if (model === null && QUALITIES[quality].method !== "quick") refuse("painted quick", "Choose quick quality.");
  if (iterations !== null) refuse("not polished", "Leave the iterations out.");
}

/** What the panel's own engine does not know, and what to choose there; null for nothing. */
export function companionOnly({ photoreal, styleLoss, init }: Settings): { what: string; instead: string } | null {
  const native = parseTerms(styleLoss, SETTINGS.styleLoss.choices).find(({ loss }) => isNative(loss));
  if (native !== undefined) return { what: `${SETTINGS.styleLoss.label} ${native.loss}`, instead: "w2" };
  if (init === "quick") return { what: "To start from a quick picture", instead: "to start from the content" };
  if (photoreal === "matting") return { what: `${SETTINGS.photoreal.label} by matting`, instead: "guided" };
  return null;
}

export function checkPanel(settings: Settings): void {
  if (settings.model !== null) {
    throw new ImpastoError("bad-setting", `The model ${settings.model} needs the companion.`, {
      hint: "Start the companion, or choose no model under More settings.",
    });
  }
  const only = companionOnly(settings);
  if (only === null) return;
  throw new ImpastoError("bad-setting", `${only.what} needs the companion.`, {
    hint: `Start the companion, or choose ${only.instead}.`,
  });
}

/**
 * Without a model that is the style itself there is a picture of one, and each style layer has a style.
 * Throws ImpastoError("bad-request").
 */
export function checkStyles(settings: Settings, styles: readonly Pick<StyleOf<unknown>, "layers" | "weight">[]): void {
  if (settings.model === null && styles.length === 0) {
    throw new ImpastoError("bad-request", "The picture whose style is to be taken is missing.", {
      hint: "Give one, or a model that is the style itself.",
    });
  }
  if (styles.some(({ layers }) => layers !== undefined)) checkStyleLayers(settings, styles);
}

function checkStyleLayers(
  { model, styleLayers }: Settings,
  styles: readonly Pick<StyleOf<unknown>, "layers" | "weight">[],
): void {
  const refuse = (message: string, hint: string) => new ImpastoError("bad-request", message, { hint });
  if (model !== null) {
    throw refuse("A model takes a style as a whole, not at single layers.", "Leave the layers out, or the model.");
  }
  const strange = styles.flatMap(({ layers = [] }) => layers).find((layer) => !styleLayers.includes(layer));
  if (strange !== undefined) {
    throw refuse(
      `A style is for ${strange}, which is not among the style layers.`,
      `Choose among ${styleLayers.join(", ")}, or add it to them.`,
    );
  }
  const counting = styles.filter(({ weight }) => weight > 0);
  const without = styleLayers.filter(
    (layer) => !counting.some(({ layers }) => layers === undefined || layers.includes(layer)),
  );
  if (without.length === 0) return;
  throw refuse(
    `No style is given for ${without.join(", ")}.`,
    "Give a style for all other layers too, or leave these layers out.",
  );
}

/** While a picture is in work only live settings change. */
export function checkLive(change: Partial<Settings>): void {
  for (const name of Object.keys(change) as SettingName[]) {
    const { label, live }: SettingDescription = SETTINGS[name];
    if (live === true) continue;
    throw new ImpastoError("bad-setting", `${label} cannot change while a picture is in work.`, {
      hint: "Stop this one and start another with it.",
    });
  }
}
