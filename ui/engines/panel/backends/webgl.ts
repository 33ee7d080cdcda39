// TensorFlow.js on WebGL 2, with the kernels that the engine uses and no others. What every frame has, Figma's included.

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
import { resizeBilinearConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/ResizeBilinear";
import { resizeNearestNeighborConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/ResizeNearestNeighbor";
import { sliceConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Slice";
import { sqrtConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Sqrt";
import { squareConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Square";
import { stepConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Step";
import { subConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Sub";
import { sumConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Sum";
import { tileConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Tile";
import { transposeConfig } from "@tensorflow/tfjs-backend-webgl/dist/kernels/Transpose";
import * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend, GpuCapabilities } from "./backend.ts";

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

/** Frees textures instead of keeping them for reuse once this much is held. */
const TEXTURE_CACHE_BYTES = 256 * 2 ** 20;

export function webglBackend(): GpuBackend {
  return {
    name: "webgl",
    canStartAgain: true,

    async start(onLost): Promise<GpuCapabilities | null> {
      for (const kernel of KERNELS) {
        if (tf.getKernel(kernel.kernelName, "webgl") === undefined) tf.registerKernel(kernel);
      }
      if (tf.engine().registryFactory.webgl === undefined) tf.registerBackend("webgl", () => new MathBackendWebGL());
      // The direct convolution needs a ninth of the im2col's memory.
      tf.env().set("WEBGL_EXP_CONV", true);
      tf.env().set("WEBGL_DELETE_TEXTURE_THRESHOLD", TEXTURE_CACHE_BYTES);
      if (!(await tf.setBackend("webgl").catch(() => false))) return null;
      await tf.ready();
      const { gl } = (tf.backend() as MathBackendWebGL).gpgpu;
      gl.canvas.addEventListener("webglcontextlost", onLost, { once: true });
      const info = gl.getExtension("WEBGL_debug_renderer_info");
      return {
        backend: "webgl",
        name: String(gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL)),
        float32: tf.env().getBool("WEBGL_RENDER_FLOAT32_ENABLED"),
      };
    },

    isLost: () => (tf.backend() as MathBackendWebGL).gpgpu.gl.isContextLost(),

    /** WebGL's own cache has its limit. */
    releaseUnused() {},

    drop() {
      if (tf.engine().registryFactory.webgl !== undefined) tf.removeBackend("webgl");
    },
  };
}
