// The engine's script where there is WebGL alone: in Figma, whose opaque frame never has WebGPU.

import { serveHere } from "./serve.ts";
import { webglBackend } from "../backends/webgl.ts";

serveHere([webglBackend()]);
