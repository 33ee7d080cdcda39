// Trust on first use: the SHA-256 of what an address gave at the first pull, for sources whose hash is not published.
// Later pulls from the same address must bring the same bytes.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileWhole } from "../files.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { networksFolder } from "./store.ts";

/** `key`: the address, with the selection of tensors when it is not the whole file. Throws ImpastoError("hash-mismatch"). */
export async function checkKnownHash(key: string, sha256: string): Promise<void> {
  const known = (await readHashes())[key];
  if (known === undefined || known === sha256) return;
  throw new ImpastoError("hash-mismatch", `${key} gave another file than at the first pull.`, {
    hint: `If you know why and trust it, run the command again with --hash ${sha256}.`,
  });
}

export async function rememberHash(key: string, sha256: string): Promise<void> {
  const hashes = await readHashes();
  if (hashes[key] === sha256) return;
  await writeFileWhole(hashesPath(), Buffer.from(`${JSON.stringify({ ...hashes, [key]: sha256 }, null, 2)}\n`));
}

function hashesPath(): string {
  return join(networksFolder(), "sources.json");
}

async function readHashes(): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(hashesPath(), "utf8");
  } catch {
    return {}; // no pull yet
  }
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch (cause) {
    throw new ImpastoError("hash-mismatch", `${hashesPath()} is damaged, so no source can be checked against it.`, {
      hint: "Delete that file; the next pull records the hashes anew.",
      cause,
    });
  }
}
