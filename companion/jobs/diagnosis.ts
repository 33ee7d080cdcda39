// What the companion says about itself: each part is asked on its own, so that one that fails hides no other.

import { buildDate } from "../build-date.ts";
import { packageVersion } from "../package-root.ts";
import type { Device } from "../protocol/devices.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { Doctor, DoctorCheck, NetworkInfo } from "../protocol/networks.ts";
import type { DiskUse } from "../storage/disk-space.ts";

export interface Questions {
  facts(): Promise<unknown>;
  devices(): Promise<Device[]>;
  networks(): Promise<NetworkInfo[]>;
  disk(): Promise<DiskUse>;
  jobs(): Record<string, number>;
}

export async function diagnose(ask: Questions): Promise<Doctor> {
  const checks: DoctorCheck[] = [];

  async function attempt<T>(name: string, question: () => Promise<T>, say: (answer: T) => string, otherwise: T) {
    try {
      const answer = await question();
      checks.push({ name, ok: true, detail: say(answer) });
      return answer;
    } catch (error) {
      const { message, hint } =
        error instanceof ImpastoError ? error : new ImpastoError("internal", `Checking the ${name} failed.`);
      checks.push({ name, ok: false, detail: message, ...(hint !== undefined && { hint }) });
      return otherwise;
    }
  }

  const facts = await attempt("engine", ask.facts, (value) => `ONNX Runtime ${textsOf(value).onnxruntime}`, null);
  const devices = await attempt("devices", ask.devices, (list) => list.map(({ name }) => name).join(", "), []);
  const networks = await attempt(
    "networks",
    ask.networks,
    (list) => list.flatMap(({ name, state }) => (state === "missing" ? [] : name)).join(", "),
    [],
  );
  const disk = await attempt(
    "disk",
    ask.disk,
    ({ freeBytes }) => (freeBytes === 0 ? "free space unknown" : `${Math.floor(freeBytes / 1e9)} GB free`),
    {
      usedBytes: 0,
      quotaBytes: 0,
      freeBytes: 0,
      reserveBytes: 0,
    },
  );
  if (disk.freeBytes < disk.reserveBytes) {
    checks.push({
      name: "room",
      ok: false,
      detail: "The disk is nearly full; results may find no room.",
      hint: "Free some space, or remove old results with `impasto jobs clean`.",
    });
  }
  return {
    versions: {
      impasto: packageVersion(),
      built: buildDate() ?? "unknown",
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      ...textsOf(facts),
    },
    checks,
    devices,
    networks,
    disk,
    jobs: ask.jobs(),
  };
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry) => typeof entry[1] === "string"));
}
