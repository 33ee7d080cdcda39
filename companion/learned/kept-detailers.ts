// Detailers out of learned styles, where the engine can open them: files in the cache, by their hash.

import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { writeFileWhole } from "../files.ts";
import { folders } from "../storage/data-folder.ts";

/** Of the styles used last; each has some 2 MB at most. */
const MOST_KEPT = 20;

/** Path of a file with these bytes. @throws ImpastoError where it cannot be written */
export async function keepDetailer(bytes: Uint8Array): Promise<string> {
  const folder = join(folders().cache, "learned");
  const name = `${createHash("sha256").update(bytes).digest("hex")}.safetensors`;
  const path = join(folder, name);
  const there = await readFile(path).catch(() => null);
  if (there?.equals(bytes) !== true) {
    await writeFileWhole(path, bytes);
    await dropOldest(folder, name);
  }
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
  return path;
}

async function dropOldest(folder: string, kept: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".safetensors") && name !== kept);
  if (names.length < MOST_KEPT) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, used: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0 })),
  );
  aged.sort((a, b) => b.used - a.used);
  for (const { name } of aged.slice(MOST_KEPT - 1)) await rm(join(folder, name), { force: true });
}
