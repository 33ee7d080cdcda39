// The first bytes of a file, which tell what it is.

import { openFile } from "../files.ts";
import { BEGINNING_BYTES } from "../protocol/network-beginnings.ts";

/** At most BEGINNING_BYTES. Throws ImpastoError: file-not-found, file-not-readable. */
export async function readBeginning(path: string): Promise<Buffer> {
  const handle = await openFile(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
