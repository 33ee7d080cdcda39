// Where Impasto keeps its files: the platform's own folders, or everything under IMPASTO_HOME; IMPASTO_CACHE moves the
// cache alone.
// The data folder holds the ledger, blobs and the runtime file with a token: nobody else may look into it.

import { chmodSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { ImpastoError } from "../protocol/errors.ts";
import { makeFolderPath } from "./make-folder.ts";
import { platformFolder } from "./platform-folders.ts";

export interface Folders {
  /** Ledger, blobs, checkpoints, runtime file. */
  readonly data: string;
  /** What can be got again: networks that were pulled, what was measured about the GPU. */
  readonly cache: string;
  readonly logs: string;
}

/**
 * Absolute paths; creates nothing. Reading one that would be in a home folder throws
 * ImpastoError("file-not-writable") where there is none.
 */
export function folders(environment: NodeJS.ProcessEnv = process.env): Folders {
  const { IMPASTO_HOME: home, IMPASTO_CACHE: cache } = environment;
  const own = (inside: string) => (home ? resolve(home, inside) : undefined);
  return {
    get data() {
      return own(".") ?? platformFolder("data", environment);
    },
    get cache() {
      return cache ? resolve(cache) : (own("cache") ?? platformFolder("cache", environment));
    },
    get logs() {
      return own("logs") ?? platformFolder("logs", environment);
    },
  };
}

/** The names inside the data folder; each stands once, here. */
export function dataPaths(data: string) {
  return {
    ledger: join(data, "ledger.sqlite"),
    blobs: join(data, "blobs"),
    temporary: join(data, "tmp"),
    checkpoints: join(data, "checkpoints"),
    learnings: join(data, "learnings"),
    models: join(data, "models"),
    runtimeFile: join(data, "runtime.json"),
    pairings: join(data, "pairings.json"),
    openPage: join(data, "open.html"),
    askedAtLogin: join(data, "asked-at-login.txt"),
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
