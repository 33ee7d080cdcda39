// Types of left-out.mjs, for its test.

/** path: relative to the bundle's app folder, with forward slashes. */
export function isLeftOut(path: string, platform: string): boolean;
