// Runs inside the test's page: the WebGL engine's parts, reachable from the test by name.

import type { Picture } from "../../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS, type Settings } from "../../../../companion/protocol/settings.ts";
import { offerBackends, startBackend } from "../../../../ui/engines/panel/backends/backend.ts";
import { computeCheck } from "../../../../ui/engines/panel/backends/self-check.ts";
import { webglBackend } from "../../../../ui/engines/panel/backends/webgl.ts";
import { webgpuBackend } from "../../../../ui/engines/panel/backends/webgpu.ts";
import { parseNetwork } from "../../../../ui/engines/panel/core/network.ts";
import { makeControl } from "../../../../ui/engines/panel/worker/control.ts";
import { PanelRun } from "../../../../ui/engines/panel/worker/run.ts";
import { evaluateOnce, type Planar, slopeRatio } from "./evaluate.ts";

type Backend = "webgl" | "webgpu";

/** In the order of preference; to be called before anything else. */
function use(backends: readonly Backend[]): void {
  offerBackends(backends.map((name) => (name === "webgl" ? webglBackend() : webgpuBackend({ software: true }))));
}

async function selfCheck() {
  await startBackend();
  return computeCheck();
}

/** What a page that people open would take. */
async function ordinaryWebgpu() {
  return webgpuBackend().start(() => {});
}

interface RunOnce {
  network: string;
  content: Planar;
  style: Planar;
  settings: Partial<Settings>;
  /** WebGPU's device is destroyed after this iteration. */
  loseAfter?: number;
}

let device: GPUDevice | null = null;
if ("gpu" in navigator && typeof GPUAdapter !== "undefined") {
  const requestDevice = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...given) {
    device = await requestDevice.apply(this, given);
    return device;
  };
}

async function runOnce({ network, content, style, settings, loseAfter }: RunOnce) {
  const toPicture = ({ width, height, data }: Planar): Picture => ({
    ...{ width, height, channels: 3, data: new Float32Array(data) },
  });
  const devices: string[] = [];
  const moved: string[] = [];
  const run = new PanelRun(
    {
      content: toPicture(content),
      styles: [{ picture: toPicture(style), weight: 1 }],
      settings: { ...DEFAULT_SETTINGS, ...settings },
    },
    parseNetwork(Uint8Array.from(atob(network), (c) => c.charCodeAt(0))),
    makeControl(),
    {
      progress(progress) {
        devices.push(progress.device);
        if (progress.totalIteration === loseAfter) device?.destroy();
      },
      moved: ({ backend }) => moved.push(backend),
    },
  );
  const { picture: painted, device: last, iterations } = await run.run();
  return { data: [...painted.data], device: last, iterations, devices, moved };
}

Object.assign(globalThis, { use, ordinaryWebgpu, selfCheck, runOnce, evaluateOnce, slopeRatio });
