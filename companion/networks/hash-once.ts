// The SHA-256 of files that seldom change.

import { stat } from "node:fs/promises";
import { hashFile } from "./store.ts";

const hashes = new Map<string, string>();

/** Once for an unchanged file. */
export async function hashOnce(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path);
  const identity = [path, ino, size, mtimeMs].join();
  const known = hashes.get(identity);
  if (known !== undefined) return known;
  const hash = await hashFile(path, "sha256");
  hashes.set(identity, hash);
  return hash;
}

/** What others know the file by. */
export async function namedByHash({
  name,
  path,
}: {
  name: string;
  path: string;
}): Promise<{ name: string; sha256: string }> {
  return { name, sha256: await hashOnce(path) };
}
