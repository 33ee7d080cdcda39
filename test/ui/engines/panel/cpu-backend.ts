// TensorFlow.js on the CPU, in Node: the panel's engine without a browser, for numbers at small sizes.

import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { GpuBackend } from "../../../../ui/engines/panel/backends/backend.ts";

export function cpuBackend(): GpuBackend {
  return {
    name: "webgl",
    canStartAgain: true,
    async start() {
      await tf.setBackend("cpu");
      return { backend: "webgl", name: "CPU", float32: true };
    },
    isLost: () => false,
    releaseUnused() {},
    drop() {},
  };
}
