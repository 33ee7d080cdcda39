// What `auto` means on this machine, and what is known of each device.
// The GPU is measured once for each driver; the verdict is kept in the cache folder.

import { release } from "node:os";
import { join } from "node:path";
import { devices, engineInfo, type Gpu, gpu } from "../engine.ts";
import { packageRoot, packageVersion } from "../package-root.ts";
import type { Device } from "../protocol/devices.ts";
import type { Settings } from "../protocol/settings.ts";
import { probeInChild } from "./probe-in-child.ts";
import { type GpuVerdict, judge, type ProbeOutcome } from "./verdict.ts";
import { readVerdict, verdictPath, writeVerdict } from "./verdict-file.ts";

export interface KnownVerdict extends GpuVerdict {
  /** refused: no probe is needed to know; cached: an earlier process measured; measured: this one did. */
  from: "refused" | "cached" | "measured";
}

export interface JudgeOptions {
  /** Measures again even if there is a verdict. */
  again?: boolean;
  /** Null: nothing is kept. */
  file?: string | null;
  probe?: () => Promise<ProbeOutcome>;
  now?: () => number;
}

let known: { key: string; verdict: Promise<KnownVerdict> } | undefined;

/** The verdict about the GPU; found once per process. @throws ImpastoError when the engine cannot be loaded */
export function gpuVerdict(options: { again?: boolean } = {}): Promise<KnownVerdict> {
  const found = gpu();
  const key = verdictKey(found, engineInfo().onnxruntime);
  if (known?.key !== key || options.again) known = { key, verdict: judgeGpu(found, key, options) };
  return known.verdict;
}

/** @throws ImpastoError when the engine cannot be loaded */
async function chooseDevice(wanted: Settings["device"]): Promise<Device["kind"]> {
  if (wanted !== "auto") return wanted;
  return (await gpuVerdict()).chosen ? "webgpu" : "cpu";
}

/** Settings as the engine takes them: with a device that is one. */
export async function withDevice(settings: Settings): Promise<Settings & { device: Device["kind"] }> {
  return { ...settings, device: await chooseDevice(settings.device) };
}

/** Every kind of device that this platform offers, the GPU measured. @throws ImpastoError */
export async function listDevices(): Promise<Device[]> {
  const { usable, detail } = await gpuVerdict();
  return (await devices()).map((device) => (device.kind === "webgpu" ? { ...device, usable, detail } : device));
}

/** A new driver, system, library or Impasto makes another key. */
export function verdictKey({ names, drivers }: Gpu, onnxruntime: string): string {
  return JSON.stringify({
    names,
    drivers,
    onnxruntime,
    impasto: packageVersion(),
    system: `${process.platform}-${process.arch} ${release()}`,
  });
}

/** The steps behind gpuVerdict, each replaceable in a test. */
export async function judgeGpu(found: Gpu, key: string, options: JudgeOptions = {}): Promise<KnownVerdict> {
  const {
    again = false,
    file = verdictPath(),
    probe = () => probeInChild(join(packageRoot(), "dist", "gpu-probe.js")),
    now = Date.now,
  } = options;
  if (found.refused !== "") {
    return { chosen: false, usable: false, detail: found.refused, measuredAt: now(), from: "refused" };
  }
  const cached = again || file === null ? null : await readVerdict(file, key, now());
  if (cached !== null) return { ...cached, from: "cached" };
  const verdict = judge(await probe(), now());
  if (file !== null) await writeVerdict(file, key, verdict);
  return { ...verdict, from: "measured" };
}
