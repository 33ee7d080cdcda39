// The engine's script for the studio and Photopea: WebGPU where a GPU of that kind computes right, else WebGL.

import { serveHere } from "./serve.ts";
import { webglBackend } from "../backends/webgl.ts";
import { webgpuBackend } from "../backends/webgpu.ts";

serveHere([webgpuBackend(), webglBackend()]);
