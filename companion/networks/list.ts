// What the user has and can have: embedded networks, those in the cache, those that can be fetched.

import { readFile } from "node:fs/promises";
import { ImpastoError } from "../protocol/errors.ts";
import { LAYERS } from "../protocol/layers.ts";
import type { NetworkInfo } from "../protocol/networks.ts";
import { keptConvolutions } from "./convert.ts";
import { type EmbeddedNetwork, embeddedNetworks } from "./embedded.ts";
import { REGISTRY } from "./registry.ts";
import { parseHeader } from "./safetensors.ts";
import { hashFile, layersOfRecord, listRecords, type NetworkRecord } from "./store.ts";

/** Embedded first, then the registry's, then the user's own. Nothing is verified: see verifyNetwork. */
export async function listNetworks(): Promise<NetworkInfo[]> {
  const embedded = await Promise.all(embeddedNetworks().map(describeEmbedded));
  const records = await listRecords();
  const known = REGISTRY.map((entry): NetworkInfo => {
    const record = records.find(({ name }) => name === entry.name);
    if (record !== undefined) return describeRecord(record);
    return {
      name: entry.name,
      state: "missing",
      sha256: null,
      bytes: entry.downloadBytes,
      layers: keptConvolutions(entry.topology, false).map((name) => name.replace("conv", "relu")),
      source: `${entry.title}: ${entry.authors}`,
      license: entry.license,
    };
  });
  const own = records.filter(({ name }) => !REGISTRY.some((entry) => entry.name === name)).map(describeRecord);
  return [...embedded, ...known, ...own];
}

/** Throws ImpastoError("network-unknown"). */
export async function describeNetwork(name: string): Promise<NetworkInfo> {
  const all = await listNetworks();
  const info = all.find((network) => network.name === name);
  if (info !== undefined) return info;
  throw new ImpastoError("network-unknown", `There is no network named ${JSON.stringify(name)}.`, {
    hint: `Networks are: ${all.map((network) => network.name).join(", ")}.`,
  });
}

async function describeEmbedded({ name, path }: EmbeddedNetwork): Promise<NetworkInfo> {
  const bytes = await readFile(path);
  const { metadata, tensors } = parseHeader(bytes);
  return {
    name,
    state: "embedded",
    sha256: await hashFile(path, "sha256"),
    bytes: bytes.byteLength,
    layers: LAYERS.filter((layer) => tensors.has(`${layer.replace("relu", "conv")}.weight`)),
    source: metadata.source ?? "Impasto",
    license: metadata.license ?? "unknown",
  };
}

function describeRecord(record: NetworkRecord): NetworkInfo {
  const { name, sha256, bytes, source, license } = record;
  return { name, state: "present", sha256, bytes, layers: layersOfRecord(record), source, license };
}
