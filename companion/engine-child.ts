// Entry of the engine child, dist/engine-child.js: the only process that loads the addon and the picture codecs.

import { serveEngine } from "./supervisor/child-loop.ts";
import { nativeEngine } from "./supervisor/native-engine.ts";

serveEngine(nativeEngine);
