// A texture: a surface in a style's manner with no subject, from noise (Gatys, Ecker & Bethge 2015).

import type { Settings } from "./settings.ts";

/** Nothing but the style counts, and the noise that it begins from. */
export const FROM_STYLE_ALONE = { contentWeight: 0, strength: 100, init: "noise" } as const satisfies Partial<Settings>;
