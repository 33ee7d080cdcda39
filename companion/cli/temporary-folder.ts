// A folder of the system's for the time of some work.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeError } from "../files.ts";
import { ImpastoError } from "../protocol/errors.ts";

/** It is gone afterwards, however the work ends. @throws ImpastoError where it cannot be made */
export async function inTemporaryFolder<T>(prefix: string, work: (folder: string) => Promise<T>): Promise<T> {
  let folder: string;
  try {
    folder = await mkdtemp(join(tmpdir(), prefix));
  } catch (error) {
    const { code, message } = writeError(tmpdir(), error);
    throw new ImpastoError(code, message, { hint: "Set TMPDIR to another folder.", cause: error });
  }
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
