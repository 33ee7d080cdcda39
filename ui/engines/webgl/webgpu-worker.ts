// The engine's script for the studio and Photopea: WebGPU where a GPU of that kind computes right, else WebGL.

import { serveHere } from "./serve.ts";
import { webglBackend } from "./webgl-backend.ts";
import { webgpuBackend } from "./webgpu-backend.ts";

serveHere([webgpuBackend(), webglBackend()]);
