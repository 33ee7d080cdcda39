// Renames that wait a moment: on Windows, virus scanners and indexers hold files that were just written, and a file
// that somebody reads cannot be replaced.

import { setTimeout as sleep } from "node:timers/promises";

const HELD = ["EPERM", "EACCES", "EBUSY"];
const DELAYS_MS: readonly number[] = process.platform === "win32" ? [10, 50, 200, 1000] : [];

function isHeld(error: unknown): boolean {
  return HELD.includes((error as NodeJS.ErrnoException).code ?? "");
}

/** Once more after each delay, as long as the file is held. */
export async function renamePatiently(rename: () => Promise<void>, delaysMs = DELAYS_MS): Promise<void> {
  for (const delayMs of delaysMs) {
    try {
      return await rename();
    } catch (error) {
      if (!isHeld(error)) throw error;
      await sleep(delayMs);
    }
  }
  await rename();
}

/** [sync] The same; the process stands still while it waits. */
export function renamePatientlySync(rename: () => void, delaysMs = DELAYS_MS): void {
  for (const delayMs of delaysMs) {
    try {
      rename();
      return;
    } catch (error) {
      if (!isHeld(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
    }
  }
  rename();
}
