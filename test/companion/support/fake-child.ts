// Entry of an engine child with the fake engine; its file system fails on order.

import { serveEngine } from "../../../companion/supervisor/child-loop.ts";
import { fakeEngine } from "./fake-engine.ts";
import { orderedFileSystem } from "./file-systems.ts";

const { IMPASTO_TEST_FAILURES: orders } = process.env;
serveEngine(fakeEngine, orders === undefined ? undefined : orderedFileSystem(orders));
