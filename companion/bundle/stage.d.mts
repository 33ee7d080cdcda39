// Types of stage.mjs, for its test.

/** Where the addon for the platform lies; throws in one sentence where there is none. */
export function addonFor(root: string, platform: string): { from: "prebuilt" | "local"; path: string; place: string };
