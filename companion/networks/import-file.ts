// Brings a network file of the user's own into the cache, converted where needed.

import { basename, resolve } from "node:path";
import { plainNameOf } from "../plain-name.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { isEmbeddedName } from "./embedded.ts";
import { acquireLock } from "./lock.ts";
import { readSource } from "./read-source.ts";
import { REGISTRY } from "./registry.ts";
import { withFileName } from "./safetensors.ts";
import { checkedRecord, hashFile, type NetworkRecord, storedPath, storeNetwork } from "./store.ts";

export interface ImportOptions {
  /** Where absent: the file's own name without extension, as a plain name. */
  name?: string | undefined;
  full?: boolean | undefined;
  fp32?: boolean | undefined;
}

/**
 * Takes our own format, torchvision's safetensors and Keras' HDF5.
 * Throws ImpastoError: file-not-found, bad-network, bad-request (a name that is taken), disk-full, file-not-writable.
 */
export async function importNetwork(file: string, options: ImportOptions = {}): Promise<NetworkRecord> {
  const name = options.name ?? plainNameOf(file);
  const path = storedPath(name);
  if (isEmbeddedName(name) || REGISTRY.some((entry) => entry.name === name)) {
    throw new ImpastoError("bad-request", `The name ${name} belongs to a network that Impasto knows.`, {
      hint: isEmbeddedName(name)
        ? "Choose another one with --name NAME."
        : `For a copy of the published file: impasto networks pull ${name} --from ${file}. Else choose another --name.`,
    });
  }
  const network = await readSource(resolve(file), {
    name,
    source: basename(file),
    license: "unknown",
    full: options.full ?? false,
    precision: options.fp32 ? "fp32" : "fp16",
  }).catch((error: unknown) => {
    throw withFileName(error, basename(file));
  });
  const release = await acquireLock(`${path}.lock`);
  try {
    return await storeNetwork(network, resolve(file));
  } finally {
    await release();
  }
}

/**
 * Brings a file into the cache for jobs that outlive the command that names it, whole and unrounded, under a name that
 * its content belongs to: the same file is brought in once. Throws as importNetwork does.
 */
export async function adoptNetworkFile(file: string): Promise<string> {
  const name = `${plainNameOf(file).slice(0, 48)}-${(await hashFile(file, "sha256")).slice(0, 12)}`.replace(/^-/, "");
  const isThere = (await checkedRecord(name).catch(() => null)) !== null;
  if (!isThere) await importNetwork(file, { name, full: true, fp32: true });
  return name;
}
