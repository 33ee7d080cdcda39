// Types of launchers.mjs, for its test.

/** [name, text, may be run] */
export function launcherFiles(os: "linux" | "darwin" | "win32", version: string): [string, string, boolean][];
