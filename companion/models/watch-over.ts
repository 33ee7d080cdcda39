// The second thread of a model's process: ends it when its parent is gone or when it takes more memory than it may,
// while the first thread is inside the network and hears nothing.

import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";

export interface WatchOrder {
  parent: number;
  limitBytes: number;
}

/** What the process leaves on stderr, for its parent. */
export const TOO_MUCH_MEMORY = "impasto: too much memory";

const LOOK_MS = 50;

export function watchOver(): void {
  const { parent, limitBytes } = workerData as WatchOrder;
  setInterval(() => {
    if (!isAlive(parent)) end();
    if (process.memoryUsage.rss() <= limitBytes) return;
    try {
      writeSync(2, `${TOO_MUCH_MEMORY}\n`);
    } catch {
      // Nobody reads any more.
    }
    end();
  }, LOOK_MS);
}

function isAlive(pid: number): boolean {
  if (process.platform !== "win32") return process.ppid === pid;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Without exit handlers, which would wait for the other thread. */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}
