// Finds the file behind a network's name: what `auto` means for each quality, the cache, the package.

import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { isPlainName } from "../plain-name.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { isHdf5 } from "../protocol/network-beginnings.ts";
import type { Settings } from "../protocol/settings.ts";
import { type EmbeddedNetwork, type EmbeddedPainter, embeddedNetworks, embeddedPainter } from "./embedded.ts";
import { refuseForeign } from "./foreign-file.ts";
import { readBeginning } from "./read-beginning.ts";
import { REGISTRY } from "./registry.ts";
import { checkedRecord, listRecords, storedPath } from "./store.ts";

export interface LocatedNetwork {
  name: string;
  path: string;
  /** Something the user should hear; said once per process. */
  note?: string;
}

export interface LocateOptions {
  /** Accept a path to a file. Only for the command line: never for what came over HTTP. */
  allowPath?: boolean;
}

/** The network that standard and fine use once it is in the cache. */
const PREFERRED = "vgg19";

const TORCHVISION_NAMES = /"features\.\d+\.(?:weight|bias)"/;

let noteSaid = false;

/**
 * `name`: "auto", a network's name, or (with allowPath) a path. Size and hash of stored files are checked.
 * Throws ImpastoError: network-unknown, network-missing, hash-mismatch, file-not-found.
 */
export async function locateNetwork(
  name: string,
  quality: Settings["quality"],
  options: LocateOptions = {},
): Promise<LocatedNetwork> {
  if (name === "auto") return locateAuto(quality);
  const embedded = embeddedNetworks().find((network) => network.name === name);
  if (embedded !== undefined) return { ...embedded };
  if (options.allowPath && (isPath(name) || (!isPlainName(name) && (await isFile(name))))) return locatePath(name);
  if (!isPlainName(name)) throw await unknown(name);
  const record = await checkedRecord(name);
  if (record !== null) return { name, path: storedPath(name) };
  if (!REGISTRY.some((entry) => entry.name === name)) throw await unknown(name);
  throw new ImpastoError("network-missing", `The network ${name} has not been fetched yet.`, {
    hint: `Run: impasto networks pull ${name}`,
  });
}

async function locateAuto(quality: Settings["quality"]): Promise<LocatedNetwork> {
  const embedded = embeddedNetworks();
  const smallest = embedded.at(-1);
  const best = embedded[0];
  if (smallest === undefined || best === undefined) throw incomplete();
  if (quality === "draft" || quality === "quick") return { ...smallest };
  try {
    const record = await checkedRecord(PREFERRED);
    if (record !== null) return { name: PREFERRED, path: storedPath(PREFERRED) };
  } catch (error) {
    if (!(error instanceof ImpastoError)) throw error;
    return withNote(best, `${error.message} ${best.name} is used instead. ${error.hint ?? ""}`.trim());
  }
  return withNote(
    best,
    `Using the built-in network ${best.name}. For finer results: impasto networks pull ${PREFERRED}`,
  );
}

/** @throws ImpastoError("network-missing") */
export function locatePainter(): EmbeddedPainter {
  const painter = embeddedPainter();
  if (painter === undefined) throw incomplete();
  return painter;
}

function incomplete(): ImpastoError {
  return new ImpastoError("network-missing", "The networks that come with Impasto are not all there.", {
    hint: "Install Impasto again.",
  });
}

function withNote(network: EmbeddedNetwork, note: string): LocatedNetwork {
  if (noteSaid) return { ...network };
  noteSaid = true;
  return { ...network, note };
}

/** A file of the user's rather than a network's name. */
export function isPath(name: string): boolean {
  return /[/\\]/.test(name) || name.endsWith(".safetensors");
}

async function locatePath(path: string): Promise<LocatedNetwork> {
  if (await isFile(path)) {
    await requireOwnFormat(path);
    return { name: path, path: resolve(path) };
  }
  throw new ImpastoError("file-not-found", `There is no network file ${path}.`, { hint: "See impasto networks list." });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}

/** What the engine finds out in its own words is told here in people's. */
async function requireOwnFormat(path: string): Promise<void> {
  const beginning = await readBeginning(path);
  refuseForeign(beginning, path);
  if (!isHdf5(beginning) && !TORCHVISION_NAMES.test(beginning.toString("latin1"))) return;
  throw new ImpastoError("bad-network", `${basename(path)} is a network in another form than Impasto's own.`, {
    hint: `Bring it in first: impasto networks import ${path}`,
  });
}

async function unknown(name: string): Promise<ImpastoError> {
  const stored = (await listRecords()).map((record) => record.name);
  const known = new Set([
    ...embeddedNetworks().map((network) => network.name),
    ...REGISTRY.map((entry) => entry.name),
    ...stored,
  ]);
  return new ImpastoError("network-unknown", `There is no network named ${JSON.stringify(name)}.`, {
    hint: `Networks are: auto, ${[...known].join(", ")}.`,
  });
}
