// A small JSON file that a person wrote: read whole within a limit.

import { fileName, readFileWhole } from "./files.ts";
import { ImpastoError } from "./protocol/errors.ts";

const MAX_BYTES = 1024 * 1024;

/**
 * @param kind what it is for, as in "a descriptor"
 * @throws ImpastoError: file-not-found, file-not-readable, bad-request
 */
export async function readJsonFile(path: string, kind: string): Promise<unknown> {
  const name = fileName(path);
  const bytes = await readFileWhole(path, (size) => {
    if (size > MAX_BYTES) throw new ImpastoError("bad-request", `${name} is too large for ${kind}.`);
  });
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ImpastoError("bad-request", `${name} is not valid JSON.`, { cause });
  }
}
