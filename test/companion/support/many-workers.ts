// Many workers in one process, with engines that sleep. Arguments: queue, companion's address, token, how many, how long
// a frame takes in ms. Tells over IPC when all of them have been heard of.

import { temporaryFolder } from "./job-service.ts";
import { SleepingEngine } from "./sleeping-engine.ts";
import { startWorker } from "./workers.ts";

const [url = "", address = "", token = "", count = "", frameMs = ""] = process.argv.slice(2);
const cache = temporaryFolder();
for (let index = 0; index < Number(count); index++) {
  const engines = [new SleepingEngine(Number(frameMs))];
  await startWorker({ ...{ url, token, engines, cache }, address: new URL(address), name: `worker ${index + 1}` });
}
process.on("disconnect", () => process.exit());
process.send?.("ready");
