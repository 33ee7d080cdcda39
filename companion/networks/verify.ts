// Checks a network file in full: size and SHA-256 against its record, shapes, and that every value is a finite number.

import { readFile } from "node:fs/promises";
import { ImpastoError } from "../protocol/errors.ts";
import { embeddedNetworks } from "./embedded.ts";
import { parseNetworkFile } from "./network-file.ts";
import { checkedRecord, hashFile, listRecords, storedPath } from "./store.ts";

export interface Verdict {
  name: string;
  path: string;
  sha256: string;
  bytes: number;
  /** Convolutions, conv1_1 first. */
  depth: number;
}

/** Throws ImpastoError: network-missing, hash-mismatch, bad-network. */
export async function verifyNetwork(name: string): Promise<Verdict> {
  const embedded = embeddedNetworks().find((network) => network.name === name);
  if (embedded === undefined && (await checkedRecord(name)) === null) {
    throw new ImpastoError("network-missing", `The network ${name} is not in the cache.`, {
      hint: "See impasto networks list.",
    });
  }
  const path = embedded?.path ?? storedPath(name);
  const bytes = await readFile(path);
  const { convolutions } = parseNetworkFile(bytes);
  return { name, path, sha256: await hashFile(path, "sha256"), bytes: bytes.byteLength, depth: convolutions.length };
}

/** Every network that is there, embedded ones first. */
export async function presentNetworks(): Promise<string[]> {
  return [...embeddedNetworks(), ...(await listRecords())].map(({ name }) => name);
}
