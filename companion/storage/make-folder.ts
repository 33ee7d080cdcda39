// A folder and those above it. Node's own recursive mkdir tries for ever where a system has the folder above and still
// says that it is missing, as Linux does in /proc.

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** [sync] Makes what is missing of them, with these rights; throws the system's error where that is refused. */
export function makeFolderPath(path: string, mode?: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (isFolder(path)) return;
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (!isMissing || isFolder(dirname(path)) || dirname(path) === path) throw error;
    makeFolderPath(dirname(path), mode);
    makeFolderPath(path, mode);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
