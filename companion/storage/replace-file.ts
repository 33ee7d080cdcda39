// Small files that belong to their owner alone, written in one go while the program waits.

import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ImpastoError } from "../protocol/errors.ts";
import { renamePatientlySync } from "./patient-rename.ts";
import { isUnknownSync } from "./unknown-sync.ts";

/** [sync] Whole or not at all, and 0600 from its first byte. */
export function replaceFile(path: string, text: string): void {
  const temporary = join(dirname(path), `.${randomBytes(8).toString("hex")}.tmp`);
  try {
    const descriptor = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(descriptor, text);
      flush(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renamePatientlySync(() => renameSync(temporary, path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new ImpastoError("file-not-writable", `Impasto cannot write ${path}.`, {
      hint: "Check the folder's permissions and the free space.",
      cause: error,
    });
  }
}

function flush(descriptor: number): void {
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (!isUnknownSync(error)) throw error;
  }
}
