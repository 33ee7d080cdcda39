// Room on a full disk for what ends work and frees room: a file that holds nothing and is given up for it.

import { statSync, unlinkSync, writeFileSync } from "node:fs";

/** Cancels a batch of MAX_FRAMES: every page of its jobs is written once more. */
const SPARE_BYTES = 8 * 1024 * 1024;
const TRY_EVERY_MS = 60_000;

export interface SpareRoom {
  /** [sync] Sees to it that the file is there, where there is room; looks at most once a minute. */
  keep(): void;
  /** [sync] False when there is nothing to give up. */
  giveUp(): boolean;
}

export function spareRoom(path: string): SpareRoom {
  let triedAt = Number.NEGATIVE_INFINITY;
  return {
    keep() {
      if (performance.now() - triedAt < TRY_EVERY_MS) return;
      triedAt = performance.now();
      try {
        if (statSync(path, { throwIfNoEntry: false })?.size === SPARE_BYTES) return;
        writeFileSync(path, Buffer.alloc(SPARE_BYTES), { mode: 0o600 });
      } catch {
        // The last bytes of a disk belong to somebody else.
        removed(path);
      }
    },

    giveUp() {
      triedAt = performance.now();
      return removed(path);
    },
  };
}

/** False where there was none, or it cannot be removed. */
function removed(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
