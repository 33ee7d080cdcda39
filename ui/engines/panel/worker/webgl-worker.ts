// The engine's script where there is WebGL alone: in Figma, whose opaque frame never has WebGPU.

import { webglBackend } from "../backends/webgl.ts";
import { serveHere } from "./serve.ts";

serveHere([webglBackend()]);
