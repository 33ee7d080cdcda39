// TensorFlow.js on WebGPU, where the host is a secure context and the browser has it: the studio and Photopea. Not in
// Figma's bundle, whose opaque frame never has it. Trusted only after a loss and a gradient that it computed right.

import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu/dist/backend_webgpu";
import { addConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Add";
import { avgPoolConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/AvgPool";
import { batchMatMulConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/BatchMatMul";
import { castConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Cast";
import { concatConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Concat";
import { conv2DConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Conv2D";
import { fillConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Fill";
import { identityConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Identity";
import { maxPoolConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/MaxPool";
import { meanConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Mean";
import { mirrorPadConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/MirrorPad";
import { multiplyConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Multiply";
import { padV2Config } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/PadV2";
import { realDivConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/RealDiv";
import { reluConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Relu";
import { reshapeConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Reshape";
import { resizeBilinearConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/ResizeBilinear";
import { resizeNearestNeighborConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/ResizeNearestNeighbor";
import { sliceConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Slice";
import { sqrtConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Sqrt";
import { squareConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Square";
import { stepConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Step";
import { subConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Sub";
import { sumConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Sum";
import { tileConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Tile";
import { transposeConfig } from "@tensorflow/tfjs-backend-webgpu/dist/kernels/Transpose";
import * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend, GpuCapabilities } from "./backend.ts";
import { isSoftware } from "./gpu-name.ts";
import { computesRight } from "./self-check.ts";

const KERNELS = [
  addConfig,
  avgPoolConfig,
  batchMatMulConfig,
  castConfig,
  concatConfig,
  conv2DConfig,
  fillConfig,
  identityConfig,
  maxPoolConfig,
  meanConfig,
  mirrorPadConfig,
  multiplyConfig,
  padV2Config,
  realDivConfig,
  reluConfig,
  reshapeConfig,
  resizeBilinearConfig,
  resizeNearestNeighborConfig,
  sliceConfig,
  sqrtConfig,
  squareConfig,
  stepConfig,
  subConfig,
  sumConfig,
  tileConfig,
  transposeConfig,
];

interface Options {
  /** Also takes an adapter that is a CPU in disguise, slower than WebGL there; for tests and measurements. */
  software: boolean;
}

export function webgpuBackend({ software }: Options = { software: false }): GpuBackend {
  let device: GPUDevice | null = null;
  let failed = false;

  async function start(onLost: () => void): Promise<GpuCapabilities | null> {
    const adapter = await findAdapter();
    if (adapter === null) return null;
    const name = nameOf(adapter.info);
    if ((adapter.info.isFallbackAdapter || isSoftware(name)) && !software) return null;
    const opened = await adapter.requestDevice({ requiredLimits: limitsOf(adapter) });
    device = opened;
    const fail = (): void => {
      failed = true;
      onLost();
    };
    // An operation that the device refuses leaves zeros and this event, no exception.
    opened.addEventListener("uncapturederror", fail, { once: true });
    void opened.lost.then(fail);
    for (const kernel of KERNELS) {
      if (tf.getKernel(kernel.kernelName, "webgpu") === undefined) tf.registerKernel(kernel);
    }
    tf.registerBackend("webgpu", () => new WebGPUBackend(opened, adapter.info));
    if (!(await tf.setBackend("webgpu")) || !(await computesRight()) || failed) {
      drop();
      return null;
    }
    return { backend: "webgpu", name, float32: true };
  }

  function drop(): void {
    if (tf.engine().registryFactory.webgpu !== undefined) tf.removeBackend("webgpu");
    device?.destroy();
    device = null;
  }

  return {
    name: "webgpu",
    canStartAgain: false,
    start: (onLost) =>
      start(onLost).catch(() => {
        drop();
        return null;
      }),
    isLost: () => failed,
    releaseUnused,
    drop,
  };
}

async function findAdapter(): Promise<GPUAdapter | null> {
  if (!("gpu" in navigator) || navigator.gpu === undefined) return null;
  return navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
}

/** Browsers leave out what would tell one computer from another. */
function nameOf({ description, vendor, architecture }: GPUAdapterInfo): string {
  return description || `${vendor} ${architecture}`.trim() || "a GPU";
}

/** What TensorFlow.js makes use of. */
const LIMITS = [
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupSizeX",
  "maxComputeInvocationsPerWorkgroup",
] as const;

/** All that the adapter has of LIMITS; a device has the standard's small numbers otherwise. */
function limitsOf({ limits }: GPUAdapter): Record<string, number> {
  return Object.fromEntries(LIMITS.map((name) => [name, limits[name]]));
}

/** TensorFlow.js keeps every buffer for one of the same size, and no two scales have buffers of the same size. */
function releaseUnused(): void {
  const { bufferManager } = tf.backend() as unknown as { bufferManager: { freeBuffers: Map<string, GPUBuffer[]> } };
  for (const buffers of bufferManager.freeBuffers.values()) {
    for (const buffer of buffers.splice(0)) buffer.destroy();
  }
}
