// The platform's own places for what a program keeps: the XDG base directories, ~/Library, %LOCALAPPDATA%. Looked for
// when they are asked for and not before, so that a user without a home folder has all that needs none.

import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { ImpastoError } from "../protocol/errors.ts";

export type FolderKind = "data" | "cache" | "logs";

/** Absolute; made by nobody yet. @throws ImpastoError("file-not-writable") when there is no home folder to put it in */
export function platformFolder(
  kind: FolderKind,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === "darwin") return join(home(), "Library", MACOS[kind]);
  if (platform === "win32") {
    return join(environment.LOCALAPPDATA || join(home(), "AppData", "Local"), WINDOWS[kind]);
  }
  const { variable, fallback } = XDG[kind];
  const chosen = environment[variable];
  // The specification has relative ones ignored.
  return join(chosen && isAbsolute(chosen) ? chosen : join(home(), fallback), "impasto");
}

const MACOS = { data: "Application Support/impasto", cache: "Caches/impasto", logs: "Logs/impasto" } as const;
const WINDOWS = { data: "impasto/Data", cache: "impasto/Cache", logs: "impasto/Log" } as const;
const XDG = {
  data: { variable: "XDG_DATA_HOME", fallback: ".local/share" },
  cache: { variable: "XDG_CACHE_HOME", fallback: ".cache" },
  logs: { variable: "XDG_STATE_HOME", fallback: ".local/state" },
} as const;

function home(): string {
  const folder = homeFolder();
  if (folder !== null) return folder;
  throw new ImpastoError("file-not-writable", "This user has no home folder, so Impasto has no place of its own.", {
    hint: "Set IMPASTO_HOME to a folder that you may write.",
  });
}

/** Null for a user that has none: no HOME, and no entry in the system's list of users. */
export function homeFolder(): string | null {
  try {
    const folder = homedir();
    return isAbsolute(folder) ? folder : null;
  } catch {
    return null;
  }
}
