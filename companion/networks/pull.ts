// Fetches a network of the registry: tries its sources in order, checks what came, converts it and puts it into the
// cache in one step. An interrupted pull leaves a part file from which the next one goes on.

import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { ImpastoError } from "../protocol/errors.ts";
import { type ConvertOptions, keptConvolutions } from "./convert.ts";
import { downloadFile } from "./download.ts";
import { createDispatcher, type Transport } from "./http.ts";
import { checkKnownHash, rememberHash } from "./known-hashes.ts";
import { acquireLock } from "./lock.ts";
import { createMeter, type DownloadProgress } from "./meter.ts";
import type { NetworkFile } from "./network-file.ts";
import { removePart } from "./part-file.ts";
import { DEFAULT_PATIENCE, type Patience, throwIfCancelled } from "./patience.ts";
import { downloadTensors } from "./range-safetensors.ts";
import { convertTensors, decodeTensors, neededTensors, readSource } from "./read-source.ts";
import { type NetworkSource, type RegistryEntry, registryEntry, type SourceFormat } from "./registry.ts";
import { checkedRecord, hashFile, type NetworkRecord, storedPath, storeNetwork } from "./store.ts";

export type PullEvent =
  | { kind: "source"; source: string }
  | { kind: "waiting"; pid: number }
  | ({ kind: "progress" } & DownloadProgress)
  | { kind: "retry"; reason: string; waitMs: number }
  /** The next source is tried. */
  | { kind: "source-failed"; source: string; error: ImpastoError }
  /** The user's own source, which no published hash vouches for. */
  | { kind: "unpublished"; source: string }
  | { kind: "converting" };

export interface PullOptions {
  /** An address or a file instead of the registry's sources. */
  from?: string | undefined;
  /** SHA-256 or MD5 that the source file (or the bytes taken from it) must have. */
  hash?: string | undefined;
  /** All 16 convolutions instead of conv1_1 … conv5_1. */
  full?: boolean | undefined;
  fp32?: boolean | undefined;
  signal?: AbortSignal | undefined;
  onEvent?: ((event: PullEvent) => void) | undefined;
  patience?: Patience;
  registry?: readonly RegistryEntry[];
}

export interface PullResult {
  record: NetworkRecord;
  path: string;
  /** Nothing was fetched: the same network was there. */
  alreadyThere: boolean;
}

interface Task {
  entry: RegistryEntry;
  source: NetworkSource;
  /** Given by the user: the published hash is compared, but does not bind. */
  override: boolean;
  convert: ConvertOptions;
  partPath: string;
  transport: Transport;
  options: PullOptions;
}

/**
 * Throws ImpastoError: network-unknown, download-failed, hash-mismatch, bad-network, disk-full, file-not-writable,
 * file-not-found, cancelled.
 */
export async function pullNetwork(name: string, options: PullOptions = {}): Promise<PullResult> {
  const entry = registryEntry(name, options.registry);
  const path = storedPath(name);
  const release = await acquireLock(`${path}.lock`, {
    signal: options.signal,
    onWait: (pid) => options.onEvent?.({ kind: "waiting", pid }),
  });
  try {
    const sources = chooseSources(entry, options);
    const present = await checkedRecord(name).catch(() => null); // a damaged file is fetched anew
    if (present !== null && satisfies(present, entry, sources, options))
      return { record: present, path, alreadyThere: true };
    const record = await pullFromFirst(entry, sources, options);
    await removePart(`${path}.part`);
    return { record, path, alreadyThere: false };
  } finally {
    await release();
  }
}

function chooseSources(entry: RegistryEntry, options: PullOptions): { source: NetworkSource; override: boolean }[] {
  const from = options.from ?? (process.env[entry.variable] || undefined);
  if (from === undefined) return entry.sources.map((source) => ({ source, override: false }));
  if (isUrl(from) && !URL.canParse(from)) {
    throw new ImpastoError("bad-request", `${from} is not a whole address.`, {
      hint: "Give one like https://example.org/vgg19.h5, or a file.",
    });
  }
  const url = isUrl(from) ? from : resolve(from);
  return [{ source: { url, format: formatOf(url, entry) }, override: true }];
}

function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

function formatOf(url: string, entry: RegistryEntry): SourceFormat {
  const file = isUrl(url) ? new URL(url).pathname : url;
  if (/\.safetensors$/i.test(file)) return "safetensors";
  if (/\.(h5|hdf5)$/i.test(file)) return "keras-hdf5";
  return entry.sources[0]?.format ?? "safetensors";
}

function satisfies(
  record: NetworkRecord,
  entry: RegistryEntry,
  sources: readonly { source: NetworkSource; override: boolean }[],
  options: PullOptions,
): boolean {
  const fromThere = sources.some(
    ({ source, override }) => !override || (isUrl(source.url) && source.url === record.source),
  );
  const depth = keptConvolutions(entry.topology, options.full ?? false).length;
  const sameForm = record.precision === (options.fp32 ? "fp32" : "fp16") && record.depth === depth;
  return fromThere && sameForm && options.hash === undefined;
}

async function pullFromFirst(
  entry: RegistryEntry,
  sources: readonly { source: NetworkSource; override: boolean }[],
  options: PullOptions,
): Promise<NetworkRecord> {
  const patience = options.patience ?? DEFAULT_PATIENCE;
  const dispatcher = createDispatcher(patience);
  const transport = { patience, dispatcher, signal: options.signal };
  const failures: ImpastoError[] = [];
  try {
    for (const { source, override } of sources) {
      options.onEvent?.({ kind: "source", source: source.url });
      const convert: ConvertOptions = {
        name: entry.name,
        source: `${entry.title}: ${entry.authors}. From ${source.url}`,
        license: entry.license,
        full: options.full ?? false,
        precision: options.fp32 ? "fp32" : "fp16",
      };
      const partPath = `${storedPath(entry.name)}.part`;
      try {
        return await pullFrom({ entry, source, override, convert, partPath, transport, options });
      } catch (error) {
        if (!(error instanceof ImpastoError) || !MAY_TRY_NEXT.has(error.code)) throw error;
        failures.push(error);
        if (failures.length < sources.length) options.onEvent?.({ kind: "source-failed", source: source.url, error });
      }
    }
  } finally {
    await dispatcher.destroy();
  }
  throw failures[0] ?? new ImpastoError("network-unknown", `${entry.name} has no source.`);
}

const MAY_TRY_NEXT: ReadonlySet<string> = new Set(["download-failed", "hash-mismatch", "bad-network"]);

async function pullFrom(task: Task): Promise<NetworkRecord> {
  const { source, options } = task;
  const local = !isUrl(source.url);
  try {
    const { network, remember } = local
      ? await readLocal(task)
      : source.format === "safetensors"
        ? await fetchTensors(task)
        : await fetchWhole(task);
    options.onEvent?.({ kind: "converting" });
    throwIfCancelled(options.signal);
    const record = await storeNetwork(network, source.url);
    await remember();
    return record;
  } catch (error) {
    // What failed its checks must not be resumed.
    const spoiled = error instanceof ImpastoError && (error.code === "hash-mismatch" || error.code === "bad-network");
    if (spoiled) await rm(task.partPath, { force: true });
    throw error;
  }
}

interface Fetched {
  network: NetworkFile;
  /** Called once the network is stored: from then on this source must give the same bytes. */
  remember: () => Promise<void>;
}

async function readLocal(task: Task): Promise<Fetched> {
  const { source, convert } = task;
  const network = await readSource(source.url, convert);
  checkWidths(network, task.entry);
  await checkWhole(task, source.url);
  return { network, remember: async () => undefined };
}

async function fetchWhole(task: Task): Promise<Fetched> {
  const { source, partPath, convert } = task;
  await downloadFile({ ...requestOf(task), expectedBytes: source.bytes });
  const sha256 = await checkWhole(task, partPath);
  if (source.hash === undefined && task.options.hash === undefined) await checkKnownHash(source.url, sha256);
  const network = await readSource(partPath, convert);
  checkWidths(network, task.entry);
  return { network, remember: () => rememberHash(source.url, sha256) };
}

async function fetchTensors(task: Task): Promise<Fetched> {
  const { source, partPath, convert, options } = task;
  const fetched = await downloadTensors({
    ...requestOf(task),
    choose: (header) => neededTensors(header, convert.full),
  });
  if (task.override && options.hash === undefined) options.onEvent?.({ kind: "unpublished", source: source.url });
  const body = await readFile(partPath);
  const sha256 = createHash("sha256").update(body).digest("hex");
  const key = `${source.url}#${keptConvolutions(task.entry.topology, convert.full).length}`;
  if (options.hash !== undefined) requireHash(options.hash, { sha256 }, source.url);
  else await checkKnownHash(key, sha256);
  const tensors = decodeTensors(fetched.tensors, [...fetched.tensors.keys()], body);
  const network = convertTensors(fetched.metadata, tensors, convert);
  checkWidths(network, task.entry);
  return { network, remember: () => rememberHash(key, sha256) };
}

function requestOf({ source, partPath, transport, options }: Task) {
  const { onEvent } = options;
  return {
    url: source.url,
    partPath,
    transport,
    meter: createMeter((progress) => onEvent?.({ kind: "progress", ...progress })),
    onRetry: (retrying: { reason: string; waitMs: number }) => onEvent?.({ kind: "retry", ...retrying }),
  };
}

/** Checks the whole file at `path` against --hash, else the published hash. Resolves with its SHA-256. */
async function checkWhole({ entry, source, override, options }: Task, path: string): Promise<string> {
  const hashes = { sha256: await hashFile(path, "sha256"), md5: await hashFile(path, "md5") };
  if (options.hash !== undefined) requireHash(options.hash, hashes, source.url);
  else if (source.hash !== undefined) requireHash(source.hash.hex, hashes, source.url);
  else if (override && !entry.sources.some(({ hash }) => hash !== undefined && hash.hex === hashes[hash.algorithm])) {
    options.onEvent?.({ kind: "unpublished", source: source.url });
  }
  return hashes.sha256;
}

function requireHash(expected: string, { sha256, md5 }: { sha256: string; md5?: string }, from: string): void {
  const hex = expected.toLowerCase();
  if (hex === sha256 || hex === md5) return;
  throw new ImpastoError(
    "hash-mismatch",
    `What ${from} gave is not the expected file: its hash is ${hex.length === 32 ? (md5 ?? sha256) : sha256}, not ${hex}.`,
    {
      hint: "It was damaged on the way or replaced at its source. Nothing was installed. Try again, or give another address with --from.",
    },
  );
}

function checkWidths(network: NetworkFile, entry: RegistryEntry): void {
  for (const [index, { name, outChannels }] of network.convolutions.entries()) {
    const expected = entry.widths[index];
    if (outChannels === expected) continue;
    throw new ImpastoError("bad-network", `${name} has ${outChannels} channels, where ${entry.name} has ${expected}.`, {
      hint: "For a network of your own: impasto networks import FILE --name NAME.",
    });
  }
}
