// A stand-in for the native engine: deterministic, quick, and able to crash in every way a real one does.
// The picture moves from the content towards the style's mean color; the settings say what goes wrong.

import type { StylizeResult } from "../../../companion/protocol/engine.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { NetworkInfo } from "../../../companion/protocol/networks.ts";
import type { Progress } from "../../../companion/protocol/progress.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import type { ChildEngine, ChildRun, RunStart } from "../../../companion/supervisor/child-engine.ts";
import { FAULTS, MS_PER_STEP_SIZE } from "./faults.ts";

/** Iteration at which a fault happens. */
const FAULT_AT = 5;
const FAULT_AFTER_CHECKPOINT_AT = 60;
/** Kept with every iteration. */
const GREEDY_BYTES = 32 * 1024 ** 2;
const greed: Buffer[] = [];

const NETWORK: NetworkInfo = {
  name: "fake",
  state: "embedded",
  sha256: "f".repeat(64),
  bytes: 1,
  layers: ["relu1_1"],
  source: "test",
  license: "none",
};

export const fakeEngine: ChildEngine = {
  start: async (start) => ({
    run: startRun(start),
    facts: { network: { name: "fake", sha256: "f".repeat(64) }, threads: start.request.settings.threads ?? 1 },
  }),
  plan: async ({ content: { width, height } }) => ({
    width,
    height,
    scales: [{ width, height, iterations: 10, secondsPerIteration: 0.001, tile: 0 }],
    peakBytes: width * height,
    seconds: 0.01,
    fits: true,
    largestSize: 8192,
    device: "cpu",
  }),
  devices: async () => [{ kind: "cpu", name: "Fake processor", usable: true, detail: "always" }],
  models: async () => [],
  examineModel: () => Promise.reject(new ImpastoError("bad-network", "The stand-in knows no networks of others.")),
  networks: async () => [NETWORK, { ...NETWORK, name: "far", state: "missing", sha256: null }],
  async pull(name, onProgress) {
    for (const received of [10, 50, 100]) onProgress(received, 100);
    if (name !== "far") throw new ImpastoError("download-failed", "Nothing answered.");
    return { ...NETWORK, name: "far", state: "present" };
  },
  styleDistance: async ({ data }) => (data[0] ?? 0) / 2,
  versions: () => ({ impasto: "test", onnxruntime: "none", node: process.versions.node, platform: "test" }),
};

function startRun({ request, checkpoint, onProgress, signal }: RunStart): ChildRun {
  const { content, styles, settings } = request;
  const total = settings.iterations ?? 20;
  const target = meanOf(styles[0]?.picture.data ?? new Float32Array(1));
  const live: Settings = { ...settings };
  let iteration = 0;
  let paused = false;
  let stopped = false;
  const pixels = Float32Array.from(content.data);
  if (checkpoint !== undefined) {
    const view = new DataView(checkpoint.buffer, checkpoint.byteOffset, checkpoint.byteLength);
    iteration = view.getUint32(0, true);
    pixels.set(new Float32Array(Uint8Array.from(checkpoint.subarray(4)).buffer));
  }
  const resumed = checkpoint !== undefined;

  function step(): void {
    iteration += 1;
    const share = live.strength / 1000;
    for (let i = 0; i < pixels.length; i++) pixels[i] = (pixels[i] ?? 0) * (1 - share) + target * share;
    misbehave(settings, iteration, resumed);
    onProgress(progressAt(iteration, total, content, settings));
  }

  async function work(): Promise<StylizeResult> {
    while (iteration < total && !(stopped && iteration > 0)) {
      if (signal.aborted) throw new ImpastoError("cancelled", "The run was cancelled.");
      if (!paused) step();
      if (standsStill(settings, iteration, resumed)) await new Promise(() => undefined);
      const delayMs = live.stepSize * MS_PER_STEP_SIZE;
      await new Promise((resolve) => (delayMs < 1 ? setImmediate(resolve) : setTimeout(resolve, delayMs)));
    }
    if (signal.aborted) throw new ImpastoError("cancelled", "The run was cancelled.");
    return {
      picture: { ...content, data: pixels },
      losses: progressAt(iteration, total, content, settings).losses,
      iterations: iteration,
      seconds: 0.01,
      device: settings.device === "auto" ? "cpu" : settings.device,
      stopped: iteration < total,
    };
  }

  const result = Promise.resolve().then(work);
  result.catch(() => undefined);
  return {
    result,
    update: (change) => void Object.assign(live, change),
    pause: () => {
      paused = true;
    },
    stop: () => {
      stopped = true;
    },
    preview: async () => {
      const { width, height } = content;
      return { width, height, rgb: new Uint8Array(width * height * 3).fill(iteration % 256) };
    },
    checkpoint: async () => {
      if (iteration === 0) return null;
      const state = Buffer.alloc(4 + pixels.byteLength);
      state.writeUInt32LE(iteration, 0);
      Buffer.from(pixels.buffer).copy(state, 4);
      return new Uint8Array(state);
    },
  };
}

/** As in a driver that never returns: everything else in the process lives. */
function standsStill({ seed }: Settings, iteration: number, resumed: boolean): boolean {
  if (seed === FAULTS.stall) return iteration === FAULT_AT;
  return seed === FAULTS.stallUnlessResumed && iteration === FAULT_AFTER_CHECKPOINT_AT && !resumed;
}

function misbehave({ seed, device }: Settings, iteration: number, resumed: boolean): void {
  const at = seed === FAULTS.segfaultUnlessResumed ? FAULT_AFTER_CHECKPOINT_AT : FAULT_AT;
  if (seed === FAULTS.greedy) greed.push(Buffer.alloc(GREEDY_BYTES, 1));
  if (iteration !== at) return;
  switch (seed) {
    case FAULTS.segfault:
      process.kill(process.pid, "SIGSEGV");
      break;
    case FAULTS.segfaultUnlessResumed:
      if (!resumed) process.kill(process.pid, "SIGSEGV");
      break;
    case FAULTS.abort:
      process.abort();
      break;
    case FAULTS.exit:
      process.exit(0);
      break;
    case FAULTS.hang:
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000_000);
    case FAULTS.gpuLost:
      if (device !== "cpu") throw new ImpastoError("gpu-lost", "The device is gone.");
      break;
    case FAULTS.gpuOutOfMemory:
      if (device !== "cpu") throw new ImpastoError("gpu-out-of-memory", "The device is full.");
      break;
    case FAULTS.outOfMemory:
      throw new ImpastoError("out-of-memory", "The memory is full.");
  }
}

function progressAt(
  iteration: number,
  total: number,
  { width, height }: { width: number; height: number },
  settings: Settings,
): Progress {
  const loss = 1 / (1 + iteration);
  return {
    phase: "optimize",
    fraction: iteration / total,
    scale: Math.max(width, height),
    scaleIndex: 0,
    scaleCount: 1,
    width,
    height,
    iteration,
    iterations: total,
    totalIteration: iteration,
    totalIterations: total,
    losses: { content: loss, style: loss, tv: 0, total: 2 * loss, contentLayers: {}, styleLayers: {} },
    secondsElapsed: iteration / 100,
    secondsLeft: (total - iteration) / 100,
    device: settings.device === "auto" ? "cpu" : settings.device,
  };
}

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
