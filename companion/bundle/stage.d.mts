// Types of stage.mjs, for tests.

/** Where the addon for the platform lies; throws in one sentence where there is none. */
export function addonFor(root: string, platform: string): { from: "prebuilt" | "local"; path: string; place: string };

/** Fills `folder` with what the npm package holds and its dependencies for the platform. */
export function stageApp(root: string, platform: string, folder: string): "prebuilt" | "local";
