// Types of sources.mjs, for tests.

export function isCurrent(root: string, platform: string): boolean;
export function recordSources(root: string, platform: string): void;
