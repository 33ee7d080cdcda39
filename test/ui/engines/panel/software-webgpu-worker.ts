// The engine's script with WebGPU on a CPU first, which no page that people open would take.

import { webglBackend } from "../../../../ui/engines/panel/backends/webgl.ts";
import { webgpuBackend } from "../../../../ui/engines/panel/backends/webgpu.ts";
import { serveHere } from "../../../../ui/engines/panel/worker/serve.ts";

serveHere([webgpuBackend({ software: true }), webglBackend()]);
