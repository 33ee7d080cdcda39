// Entry of an engine child with the fake engine.

import { serveEngine } from "../../../companion/supervisor/child-loop.ts";
import { fakeEngine } from "./fake-engine.ts";

serveEngine(fakeEngine);
