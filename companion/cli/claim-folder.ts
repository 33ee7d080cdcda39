// One command at a time writes its results into a folder: two would replace each other's, picture by picture.

import { join } from "node:path";
import { writeError } from "../files.ts";
import { acquireLock } from "../networks/lock.ts";
import { ImpastoError } from "../protocol/errors.ts";

const CLAIM_FILE = ".impasto-lock";

/** Returns the function that gives it back; a command that was killed holds nothing. @throws ImpastoError where it is taken */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  const taken = new AbortController();
  try {
    return await acquireLock(join(folder, CLAIM_FILE), { signal: taken.signal, onWait: () => taken.abort() });
  } catch (error) {
    if (taken.signal.aborted) {
      throw new ImpastoError("busy", `Another batch or sequence is writing into ${folder}.`, {
        hint: "Wait until it is done, or choose another folder for these results.",
      });
    }
    throw writeError(folder, error instanceof ImpastoError ? error.cause : error);
  }
}
