// The first bytes of a file, which tell what it is.

import { open } from "node:fs/promises";
import { ImpastoError } from "../protocol/errors.ts";
import { BEGINNING_BYTES } from "./foreign-file.ts";

/** At most BEGINNING_BYTES. Throws ImpastoError: file-not-found, file-not-readable. */
export async function readBeginning(path: string): Promise<Buffer> {
  try {
    const handle = await open(path, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw missing
      ? new ImpastoError("file-not-found", `There is no file ${path}.`, { cause })
      : new ImpastoError("file-not-readable", `${path} cannot be read.`, { hint: "Check its permissions.", cause });
  }
}
