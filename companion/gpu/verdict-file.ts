// The last verdict about the GPU, on the disk, good for the driver and library that it was made with.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileWhole } from "../files.ts";
import { folders } from "../storage/data-folder.ts";
import { fieldsOf, type GpuVerdict, parseVerdict } from "./verdict.ts";

const DAY_MS = 86_400_000;
/** Where the system does not tell a driver's version, a new one is noticed after so long. */
const VERDICT_LASTS_MS = 30 * DAY_MS;
/** A GPU that failed may have been busy or starting up: it is asked again sooner, but not by every run. */
const FAILURE_LASTS_MS = DAY_MS / 24;

/** Null for a user who has no place for a cache. */
export function verdictPath(): string | null {
  try {
    return join(folders().cache, "gpu.json");
  } catch {
    return null;
  }
}

/** Null when there is none for this key, it is too old, or the file is not what it should be. */
export async function readVerdict(path: string, key: string, now: number): Promise<GpuVerdict | null> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(path, "utf8"));
  } catch {
    return null;
  }
  const entry = fieldsOf(content);
  const verdict = parseVerdict(entry.verdict);
  if (verdict === null || entry.key !== key) return null;
  const age = now - verdict.measuredAt;
  const fresh = age >= 0 && age < (verdict.usable ? VERDICT_LASTS_MS : FAILURE_LASTS_MS);
  return fresh ? verdict : null;
}

/** A cache that cannot be written is no reason to fail: the next process measures again. */
export async function writeVerdict(path: string, key: string, verdict: GpuVerdict): Promise<void> {
  await writeFileWhole(path, Buffer.from(`${JSON.stringify({ key, verdict })}\n`)).catch(() => undefined);
}
