// What stands on this machine and what would be used: versions, devices, networks, memory, and what `auto` means here.

import { readFile } from "node:fs/promises";
import { totalmem } from "node:os";
import { buildDate } from "./build-date.ts";
import { engineInfo, plan } from "./engine.ts";
import { gpuVerdict, type KnownVerdict, listDevices, withDevice } from "./gpu/choose-device.ts";
import { availableBytes } from "./models/memory.ts";
import { embeddedNetworks } from "./networks/embedded.ts";
import { locateNetwork } from "./networks/locate.ts";
import { parseNetworkFile } from "./networks/network-file.ts";
import { REGISTRY } from "./networks/registry.ts";
import { hashFile, listRecords, storedPath } from "./networks/store.ts";
import { packageVersion } from "./package-root.ts";
import { codecVersions } from "./pictures/codec.ts";
import type { Device } from "./protocol/devices.ts";
import { ImpastoError } from "./protocol/errors.ts";
import type { DoctorCheck } from "./protocol/networks.ts";
import { DEFAULT_SETTINGS } from "./protocol/settings.ts";
import { type FolderReport, reportFolders } from "./storage/folder-report.ts";
import { homeFolder } from "./storage/platform-folders.ts";

/** The version of what does not open; a check says why. */
const NOT_OPENED = "(not opened)";

/** The content whose cost `auto` is asked about, px. */
const TYPICAL = { width: 1024, height: 768 };

export interface NetworkReport {
  name: string;
  /** embedded: in the package; present: in the cache; missing: can be pulled. */
  state: "embedded" | "present" | "missing";
  bytes: number;
  sha256: string | null;
  /** The deepest layer, and the channels of each convolution. */
  deepest: string;
  widths: number[];
  precision: string;
  source: string;
  license: string;
  /** What its maker says about it. */
  note: string;
  /** Why the file cannot be used. */
  problem?: string;
}

export interface AutoReport {
  device: string;
  network: string;
  why: string;
  seconds: number;
  peakBytes: number;
}

export interface DoctorReport {
  versions: Record<string, string>;
  checks: DoctorCheck[];
  devices: Device[];
  /** Whether `auto` takes the GPU, and where that is known from; null when the engine cannot be loaded. */
  gpu: KnownVerdict | null;
  networks: NetworkReport[];
  /** Null: the system does not say. */
  memory: { freeBytes: number | null; totalBytes: number };
  /** Where things are kept. A run keeps nothing: one that cannot be written is no problem of its own. */
  folders: FolderReport[];
  /** What the default settings would use; null when nothing could run. */
  auto: AutoReport | null;
}

/**
 * Looks at everything and stops at nothing: what fails becomes a check that says so.
 * @param measure measures the GPU again even if its verdict is known
 */
export async function examine({ measure = false } = {}): Promise<DoctorReport> {
  const checks: DoctorCheck[] = [];
  const attempt = async <T>(name: string, work: () => Promise<T>, detail: (value: T) => string): Promise<T | null> => {
    try {
      const value = await work();
      checks.push({ name, ok: true, detail: detail(value) });
      return value;
    } catch (error) {
      checks.push(failedCheck(name, error));
      return null;
    }
  };
  const engine = await attempt(
    "engine",
    async () => engineInfo(),
    ({ onnxruntime, threads }) => `ONNX Runtime ${onnxruntime}, ${threads} threads by default`,
  );
  const gpu =
    engine &&
    (await attempt(
      "gpu",
      () => gpuVerdict({ again: measure }),
      ({ detail }) => detail,
    ));
  const found = engine && (await attempt("devices", () => listDevices(), describeDevices));
  const codec = await attempt(
    "pictures",
    async () => codecVersions(),
    ({ sharp, libvips }) => `sharp ${sharp} with libvips ${libvips}`,
  );
  const networks = await attempt("networks", listNetworks, describeNetworks);
  const auto =
    found &&
    (await attempt(
      "auto",
      () => explainAuto(found),
      ({ device, why }) => `${device}: ${why}`,
    ));
  return {
    versions: {
      impasto: packageVersion(),
      built: buildDate() ?? "unknown",
      node: process.versions.node,
      onnxruntime: engine?.onnxruntime ?? NOT_OPENED,
      sharp: codec?.sharp ?? NOT_OPENED,
      libvips: codec?.libvips ?? NOT_OPENED,
      platform: `${process.platform}-${process.arch}`,
    },
    checks,
    devices: found ?? [],
    gpu,
    networks: networks ?? [],
    memory: { freeBytes: availableBytes() || null, totalBytes: totalmem() },
    folders: await reportFolders(),
    auto: auto ?? null,
  };
}

/** Takes folders of the user and the user's name out of a text that goes to others. */
export function withoutHome(text: string): string {
  const home = homeFolder();
  if (home === null || home.length < 2) return text;
  const name = home.split(/[\\/]/).at(-1) ?? "";
  const named = text.replaceAll(home, "~");
  return name.length > 2 && name !== "root" ? named.replaceAll(name, "(user)") : named;
}

async function explainAuto(found: readonly Device[]): Promise<AutoReport> {
  const { name, path } = await locateNetwork(DEFAULT_SETTINGS.network, DEFAULT_SETTINGS.quality);
  const { device, seconds, peakBytes } = await plan({
    content: TYPICAL,
    styles: [{ picture: TYPICAL, weight: 1 }],
    settings: await withDevice(DEFAULT_SETTINGS),
    networkPath: path,
  });
  const chosen = found.find(({ kind }) => kind === device);
  const passedOver = found.filter(({ kind }) => kind === "webgpu" && kind !== device);
  const why = [...passedOver, ...(chosen === undefined ? [] : [chosen])].map(
    ({ kind, detail }) => `${kind}: ${detail.replace(/\.$/, "")}`,
  );
  return { device, network: name, why: why.join("; "), seconds, peakBytes };
}

async function listNetworks(): Promise<NetworkReport[]> {
  const embedded = await Promise.all(embeddedNetworks().map(({ name, path }) => reportFile(name, path, "embedded")));
  const stored = await Promise.all(
    (await listRecords()).map(({ name }) => reportFile(name, storedPath(name), "present")),
  );
  const known = new Set([...embedded, ...stored].map(({ name }) => name));
  const missing = REGISTRY.filter(({ name }) => !known.has(name)).map(
    ({ name, license, authors, title }): NetworkReport => ({
      name,
      state: "missing",
      bytes: 0,
      sha256: null,
      deepest: "",
      widths: [],
      precision: "",
      source: authors,
      license,
      note: title,
    }),
  );
  return [...embedded, ...stored, ...missing];
}

async function reportFile(name: string, path: string, state: "embedded" | "present"): Promise<NetworkReport> {
  const blank = {
    name,
    state,
    bytes: 0,
    sha256: null,
    deepest: "",
    widths: [],
    precision: "",
    source: "",
    license: "",
  };
  try {
    const bytes = await readFile(path);
    const { convolutions, metadata, precision } = parseNetworkFile(bytes);
    const deepest = (convolutions.at(-1)?.name ?? "").replace("conv", "relu");
    const widths = convolutions.map(({ outChannels }) => outChannels);
    const { source = "", license = "", note = "" } = metadata;
    const sha256 = await hashFile(path, "sha256");
    return { name, state, bytes: bytes.byteLength, sha256, deepest, widths, precision, source, license, note };
  } catch (error) {
    return { ...blank, note: "", problem: error instanceof Error ? error.message : String(error) };
  }
}

function describeDevices(found: readonly Device[]): string {
  const usable = found.filter((device) => device.usable).map(({ kind }) => kind);
  return usable.length === 0 ? "none usable" : `usable: ${usable.join(", ")}`;
}

function describeNetworks(networks: readonly NetworkReport[]): string {
  const broken = networks.filter(({ problem }) => problem !== undefined);
  if (broken.length > 0)
    throw new ImpastoError("bad-network", broken.map(({ name, problem }) => `${name}: ${problem}`).join(" "));
  return networks.map(({ name, state }) => `${name} ${state}`).join(", ");
}

function failedCheck(name: string, error: unknown): DoctorCheck {
  if (!(error instanceof ImpastoError)) return { name, ok: false, detail: String(error) };
  return { name, ok: false, detail: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
}
