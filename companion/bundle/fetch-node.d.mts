// Types of fetch-node.mjs, for tests.

export function fetchNode(platform: string, folder: string, scratch: string): void;
