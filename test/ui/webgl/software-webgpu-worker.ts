// The engine's script with WebGPU on a CPU first, which no page that people open would take.

import { serveHere } from "../../../ui/engines/webgl/serve.ts";
import { webglBackend } from "../../../ui/engines/webgl/webgl-backend.ts";
import { webgpuBackend } from "../../../ui/engines/webgl/webgpu-backend.ts";

serveHere([webgpuBackend({ software: true }), webglBackend()]);
