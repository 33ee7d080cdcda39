// Entry of a model's process, dist/model-child.js: the only one in which a network that nobody vouches for is opened.
// One thread works and may hang in it; the other watches memory and the parent, and ends the process.

import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const { serveModel } = await import("./models/serve-model.ts");
  serveModel(import.meta.url);
} else {
  const { watchOver } = await import("./models/watch-over.ts");
  watchOver();
}
