// A folder of the system's for the time of some work.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileError } from "../networks/disk.ts";

/** It is gone afterwards, however the work ends. @throws ImpastoError where it cannot be made */
export async function inTemporaryFolder<T>(prefix: string, work: (folder: string) => Promise<T>): Promise<T> {
  let folder: string;
  try {
    folder = await mkdtemp(join(tmpdir(), prefix));
  } catch (error) {
    throw fileError(error, tmpdir());
  }
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
