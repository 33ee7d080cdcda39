// A worker with the fake engine, as a process that is to be killed at any moment. Arguments: queue, companion's address,
// token, name, the child's module, folder of its cache. Tells over IPC which child it has.

import { setTimeout as sleep } from "node:timers/promises";
import { fakeEngines, QUICK_PACE, startWorker, type TestWorker } from "./workers.ts";

const [url = "", address = "", token = "", name = "", childPath = "", cache = ""] = process.argv.slice(2);
const engines = fakeEngines(childPath);

/** The companion may be dead just now. */
async function begin(): Promise<TestWorker> {
  for (;;) {
    try {
      return await startWorker({
        ...{ url, token, name, engines, cache },
        address: new URL(address),
        pace: QUICK_PACE,
      });
    } catch {
      await sleep(50);
    }
  }
}

process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
await begin();
setInterval(() => process.send?.({ child: engines[0]?.pid }, undefined, undefined, () => undefined), 20);
