// The user's cache of networks: NAME.safetensors with NAME.json beside it, which holds size, SHA-256 and origin.
// A file is used only while it is what its record says.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFileWhole } from "../files.ts";
import { isPlainName, requireNetworkName } from "../plain-name.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { layersOf, type Topology } from "../protocol/layers.ts";
import { folders } from "../storage/data-folder.ts";
import { fileError } from "./disk.ts";
import { encodeNetworkFile, type NetworkFile, topologyOfConvolutions } from "./network-file.ts";
import type { Precision } from "./safetensors.ts";

export interface NetworkRecord {
  name: string;
  bytes: number;
  sha256: string;
  precision: Precision;
  /** Absent in records of before it was told: vgg19. */
  topology?: Topology;
  /** Convolutions kept, 1 … 16. */
  depth: number;
  /** URL or path that it was made from. */
  source: string;
  license: string;
  /** ISO 8601. */
  stored: string;
}

/** relu1_1 … of what is kept. */
export function layersOfRecord({ topology = "vgg19", depth }: NetworkRecord): string[] {
  return layersOf(topology).slice(0, depth);
}

/** @throws ImpastoError where there is no place for a cache */
export function networksFolder(): string {
  return join(folders().cache, "networks");
}

/** False for a user who has no place for one, and so nothing in it. */
function hasCache(): boolean {
  try {
    return networksFolder() !== "";
  } catch {
    return false;
  }
}

/** Throws ImpastoError("bad-request") for what is no network's name. */
export function storedPath(name: string): string {
  requireNetworkName(name);
  return join(networksFolder(), `${name}.safetensors`);
}

function recordPath(name: string): string {
  return storedPath(name).replace(/safetensors$/, "json");
}

/** Null when the network is not in the cache. */
async function readRecord(name: string): Promise<NetworkRecord | null> {
  try {
    const record = JSON.parse(await readFile(recordPath(name), "utf8")) as NetworkRecord;
    const valid = record.name === name && Number.isSafeInteger(record.bytes) && typeof record.sha256 === "string";
    return valid ? record : null;
  } catch (error) {
    if (error instanceof ImpastoError) throw error;
    return null;
  }
}

export async function listRecords(): Promise<NetworkRecord[]> {
  if (!hasCache()) return [];
  const files = await readdir(networksFolder()).catch(() => []);
  const names = files.filter((file) => file.endsWith(".safetensors")).map((file) => file.slice(0, -12));
  // What somebody else put there under another kind of name is none of ours.
  const own = names.filter(isPlainName).sort();
  const records = await Promise.all(own.map((name) => readRecord(name)));
  return records.filter((record) => record !== null);
}

/** Writes file and record, each atomically. Throws disk-full, file-not-writable, bad-network (a value beyond fp16). */
export async function storeNetwork(network: NetworkFile, source: string): Promise<NetworkRecord> {
  const bytes = encodeNetworkFile(network);
  const record: NetworkRecord = {
    name: network.name,
    bytes: bytes.byteLength,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    precision: network.precision,
    topology: topologyOfConvolutions((name) => network.convolutions.some((one) => one.name === name)),
    depth: network.convolutions.length,
    source,
    license: network.metadata.license ?? "unknown",
    stored: new Date().toISOString(),
  };
  await writeFileWhole(storedPath(network.name), bytes);
  await writeFileWhole(recordPath(network.name), Buffer.from(`${JSON.stringify(record, null, 2)}\n`));
  return record;
}

/** Throws ImpastoError("network-missing") when there is nothing to remove. */
export async function removeNetwork(name: string): Promise<void> {
  const path = storedPath(name);
  const leftovers = [recordPath(name), `${path}.part`, `${path}.part.json`];
  const present = await Promise.all([path, ...leftovers].map((file) => stat(file).catch(() => null)));
  if (present.every((file) => file === null)) {
    throw new ImpastoError("network-missing", `${name} is not in the cache.`, { hint: "See impasto networks list." });
  }
  try {
    for (const file of [path, ...leftovers]) await rm(file, { force: true });
  } catch (error) {
    throw fileError(error, path);
  }
}

export async function hashFile(path: string, algorithm: "md5" | "sha256"): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

const checkedFiles = new Map<string, string>();

/**
 * Checks size and SHA-256 against the record; once per process for an unchanged file.
 * Null when the network is not in the cache. Throws ImpastoError("hash-mismatch").
 */
export async function checkedRecord(name: string): Promise<NetworkRecord | null> {
  if (!hasCache()) return null;
  const record = await readRecord(name);
  const path = storedPath(name);
  const stats = await stat(path).catch(() => null);
  if (record === null || stats === null) return null;
  const identity = [stats.ino, stats.size, stats.mtimeMs, record.sha256].join();
  if (checkedFiles.get(path) === identity) return record;
  if (stats.size !== record.bytes || (await hashFile(path, "sha256")) !== record.sha256) {
    throw new ImpastoError(
      "hash-mismatch",
      `The stored network ${name} is not what was stored: the file has changed.`,
      {
        hint: `Remove it and fetch it again: impasto networks remove ${name}, then impasto networks pull ${name}.`,
      },
    );
  }
  checkedFiles.set(path, identity);
  return record;
}
