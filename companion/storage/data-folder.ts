// Where Impasto keeps its files: the platform's own folders, or everything under IMPASTO_HOME.
// The data folder holds the ledger, blobs and the runtime file with a token: nobody else may look into it.

import { chmodSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import envPaths from "env-paths";
import { ImpastoError } from "../protocol/errors.ts";
import { makeFolderPath } from "./make-folder.ts";

export interface Folders {
  /** Ledger, blobs, checkpoints, runtime file. */
  data: string;
  /** Networks that were pulled; may be deleted at any time. */
  cache: string;
  logs: string;
}

/** Absolute paths; creates nothing. */
export function folders(environment: NodeJS.ProcessEnv = process.env): Folders {
  const home = environment.IMPASTO_HOME;
  if (home !== undefined && home !== "") {
    const data = resolve(home);
    return { data, cache: join(data, "cache"), logs: join(data, "logs") };
  }
  const { data, cache, log } = envPaths("impasto", { suffix: "" });
  return { data, cache, logs: log };
}

/** The names inside the data folder; each stands once, here. */
export function dataPaths(data: string) {
  return {
    ledger: join(data, "ledger.sqlite"),
    blobs: join(data, "blobs"),
    temporary: join(data, "tmp"),
    checkpoints: join(data, "checkpoints"),
    runtimeFile: join(data, "runtime.json"),
    pairings: join(data, "pairings.json"),
    openPage: join(data, "open.html"),
  };
}

/**
 * [sync] Makes the folder, readable for its owner alone, and tightens one that others can read.
 * Throws ImpastoError("file-not-writable") when that is refused or the folder is another user's.
 */
export function ensurePrivateFolder(path: string): void {
  try {
    makeFolderPath(path, 0o700);
    if (process.platform === "win32") return;
    const { uid, mode } = statSync(path);
    if (uid !== process.getuid?.()) {
      throw new ImpastoError("file-not-writable", `The folder ${path} belongs to another user.`, {
        hint: "Set IMPASTO_HOME to a folder of your own.",
      });
    }
    if ((mode & 0o077) !== 0) chmodSync(path, 0o700);
  } catch (error) {
    if (error instanceof ImpastoError) throw error;
    throw new ImpastoError("file-not-writable", `Impasto cannot use the folder ${path}.`, {
      hint: "Check its permissions, or set IMPASTO_HOME to another folder.",
      cause: error,
    });
  }
}
