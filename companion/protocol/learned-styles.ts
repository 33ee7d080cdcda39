// Several learned styles in one file. No schema library here: the panel reads this too.

/** What each style has of its own: all filters (one style alone), scale and shift of each channel, or one bank of filters. */
export const OWN_KINDS = ["filters", "cin", "stylebank"] as const;
export type OwnKind = (typeof OWN_KINDS)[number];

/** Where nothing is said. */
export const OWN_OF_ONE = "filters" satisfies OwnKind;
export const OWN_OF_SEVERAL = "cin" satisfies OwnKind;

/** In one file; each is learned beside the others, in the same time. */
export const MAX_LEARNED_STYLES = 8;
