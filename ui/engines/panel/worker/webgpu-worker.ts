// The engine's script for the studio and Photopea: WebGPU where a GPU of that kind computes right, else WebGL.

import { webglBackend } from "../backends/webgl.ts";
import { webgpuBackend } from "../backends/webgpu.ts";
import { serveHere } from "./serve.ts";

serveHere([webgpuBackend(), webglBackend()]);
