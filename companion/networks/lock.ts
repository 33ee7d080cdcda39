// One pull of a network at a time, across processes: a lock file with its owner's process id, kept fresh by a heartbeat.
// A lock whose owner is gone is taken over.

import { randomUUID } from "node:crypto";
import { constants, copyFile, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setInterval } from "node:timers";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolderPath } from "../storage/make-folder.ts";
import { renamePatiently } from "../storage/patient-rename.ts";
import { fileError } from "./disk.ts";
import { throwIfCancelled } from "./patience.ts";

const POLL_MS = 200;
const HEARTBEAT_MS = 5000;
/** Without a heartbeat for this long the owner is taken for gone, even if a process has its number. */
const STALE_MS = 60_000;

export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock. */
  onWait?: ((pid: number) => void) | undefined;
}

/** Waits for the lock and returns the function that releases it. Throws file-not-writable, disk-full, cancelled. */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<() => Promise<void>> {
  const owner = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  let waited = false;
  for (;;) {
    throwIfCancelled(options.signal);
    if (await tryCreate(path, owner)) return keep(path, owner);
    const holder = await readHolder(path);
    if (holder === null) continue; // released in between
    if (holder.stale) {
      await takeAway(path, holder.content);
      continue;
    }
    if (!waited) options.onWait?.(holder.pid);
    waited = true;
    await sleep(POLL_MS);
  }
}

async function tryCreate(path: string, owner: string): Promise<boolean> {
  try {
    makeFolderPath(dirname(path));
    const handle = await open(path, "wx");
    await handle.writeFile(owner).finally(() => handle.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      // The lock itself, unless a parent folder is a file.
      if ((await stat(path).catch(() => null)) !== null) return false;
      if ((await stat(dirname(path)).catch(() => null))?.isDirectory() === true) return false;
    }
    throw fileError(error, path);
  }
}

function keep(path: string, owner: string): () => Promise<void> {
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined); // the next beat tries again
  }, HEARTBEAT_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    const content = await readFile(path, "utf8").catch(() => null);
    if (content === owner) await rm(path, { force: true });
  };
}

/** Null when nobody holds it any more. A lock that cannot be looked at would be waited for in vain: file-not-writable. */
async function readHolder(path: string): Promise<{ pid: number; content: string; stale: boolean } | null> {
  const content = await readFile(path, "utf8").catch(unlessMissing(path));
  const stats = await stat(path).catch(unlessMissing(path));
  if (content === null || stats === null) return null;
  const ageMs = Date.now() - stats.mtimeMs;
  try {
    const { pid, host } = JSON.parse(content) as { pid: number; host: string };
    const gone = host === hostname() && !isAlive(pid);
    return { pid, content, stale: gone || ageMs > STALE_MS };
  } catch {
    // Created but not yet written, or its owner died in between.
    return { pid: 0, content, stale: ageMs > 2000 };
  }
}

/** Null for a file that is not there; every other refusal is thrown. */
function unlessMissing(path: string): (error: NodeJS.ErrnoException) => null {
  return (error) => {
    if (error.code === "ENOENT") return null;
    throw fileError(error, path);
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Removes the stale lock, but not a fresh one that somebody else put there at the same moment. */
async function takeAway(path: string, content: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  const wasThere = await renamePatiently(() => rename(path, aside)).then(() => true, unlessMissing(path));
  if (wasThere === null) return; // somebody else was faster
  const isFresh = (await readFile(aside, "utf8").catch(() => content)) !== content;
  // Back to its place, unless yet another stands there; not by a link, which not every volume knows.
  if (isFresh) await copyFile(aside, path, constants.COPYFILE_EXCL).catch(() => undefined);
  await rm(aside, { force: true });
}
