// Brings up TensorFlow.js on WebGL with the kernels that the engine uses and no others, and says what the GPU can do.

import * as tf from "@tensorflow/tfjs-core";
import { MathBackendWebGL } from "@tensorflow/tfjs-backend-webgl/dist/backend_webgl";
import { addConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Add";
import { avgPoolConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/AvgPool";
import { batchMatMulConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/BatchMatMul";
import { castConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Cast";
import { concatConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Concat";
import { conv2DConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Conv2D";
import { fillConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Fill";
import { identityConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Identity";
import { maxPoolConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/MaxPool";
import { meanConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Mean";
import { mirrorPadConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/MirrorPad";
import { multiplyConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Multiply";
import { padV2Config } from "@tensorflow/tfjs-backend-webgl/dist/kernels/PadV2";
import { realDivConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/RealDiv";
import { reluConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Relu";
import { reshapeConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Reshape";
import { resizeNearestNeighborConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/ResizeNearestNeighbor";
import { sliceConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Slice";
import { sqrtConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Sqrt";
import { squareConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Square";
import { stepConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Step";
import { subConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Sub";
import { sumConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Sum";
import { tileConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Tile";
import { transposeConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Transpose";
import { ImpastoError } from "../../../companion/protocol/errors.ts";

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

/** What the GPU of this browser can do. */
export interface GpuCapabilities {
  /** "webgl" in the opaque frame that Figma gives a plugin, "webgpu" where the host has it. */
  backend: "webgl" | "webgpu";
  /** The GPU's name as the browser tells it; may be masked. */
  name: string;
  /** Largest side of a texture, px. */
  maxTextureSize: number;
  /** False on devices that keep 16-bit floats only; gradients are then good to about 1e-2. */
  float32: boolean;
}

let ready: Promise<GpuCapabilities> | null = null;
/** Rejects when the browser takes the GPU away; a new one for each start. */
let lost: Promise<never> = new Promise(() => {});

/** Starts the backend once. Throws ImpastoError("no-gpu") where the browser gives no WebGL 2. */
export function startBackend(): Promise<GpuCapabilities> {
  ready ??= start().catch((error: unknown) => {
    ready = null;
    throw error;
  });
  return ready;
}

/** For a lost context: the next startBackend() begins anew. */
export function dropBackend(): void {
  if (tf.engine().registryFactory.webgl !== undefined) tf.removeBackend("webgl");
  ready = null;
}

async function start(): Promise<GpuCapabilities> {
  for (const kernel of KERNELS) {
    if (tf.getKernel(kernel.kernelName, "webgl") === undefined) tf.registerKernel(kernel);
  }
  if (tf.engine().registryFactory.webgl === undefined) tf.registerBackend("webgl", () => new MathBackendWebGL(), 2);
  // The direct convolution needs a ninth of the im2col's memory.
  tf.env().set("WEBGL_EXP_CONV", true);
  // Frees textures instead of keeping them for reuse once this much is held.
  tf.env().set("WEBGL_DELETE_TEXTURE_THRESHOLD", TEXTURE_CACHE_BYTES);
  const chosen = await tf.setBackend("webgl").catch(() => false);
  if (!chosen) {
    throw new ImpastoError("no-gpu", "This window has no graphics acceleration (WebGL 2), which the panel needs.", {
      hint: "Start the companion, or switch on hardware acceleration in the browser's settings.",
    });
  }
  await tf.ready();
  const { gpgpu } = tf.backend() as MathBackendWebGL;
  const gl = gpgpu.gl;
  lost = new Promise((_, reject) => {
    const tell = (): void => reject(new Error("the browser took the graphics processor away"));
    gl.canvas.addEventListener("webglcontextlost", tell, { once: true });
  });
  lost.catch(() => {});
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  return {
    backend: "webgl",
    name: String(gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL)),
    maxTextureSize: tf.env().getNumber("WEBGL_MAX_TEXTURE_SIZE"),
    float32: tf.env().getBool("WEBGL_RENDER_FLOAT32_ENABLED"),
  };
}

const TEXTURE_CACHE_BYTES = 256 * 2 ** 20;

/** True from the moment the browser took the GPU away until dropBackend(). */
export function contextLost(): boolean {
  if (tf.engine().registryFactory.webgl === undefined || tf.getBackend() !== "webgl") return false;
  return (tf.backend() as MathBackendWebGL).gpgpu.gl.isContextLost();
}

/** What waits for a GPU that is gone would wait forever, or read zeros: rejects then. */
export async function orContextLost<T>(work: Promise<T>): Promise<T> {
  const result = await Promise.race([work, lost]);
  // The event comes a turn later than what was read.
  if (contextLost()) await lost;
  return result;
}
