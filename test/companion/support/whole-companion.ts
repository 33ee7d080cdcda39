// The whole companion as a process: HTTP face, job service, ledger, and engine children with the fake engine.
// Arguments: the data folder and the child's module. Driven over IPC by server/child-server-control.ts.

import { readdirSync } from "node:fs";
import { pairWith, startTestServer } from "../server/harness.ts";
import type { Command } from "./http-server.ts";
import { openTestService } from "./job-service.ts";

const [data = "", childPath = ""] = process.argv.slice(2);
const service = await openTestService({ data, childPath });
const test = await startTestServer({ service, dataFolder: data });

/** Bytes held now, when all that can be freed is freed, and the most so far; open files where the system tells. */
function memory(): { rss: number; peak: number; files: number } {
  const peak = process.resourceUsage().maxRSS * 1024;
  global.gc?.();
  const files = process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
  return { rss: process.memoryUsage().rss, peak, files };
}

async function stop(): Promise<void> {
  await test.server.close();
  await service.close();
  setImmediate(() => process.disconnect());
}

process.on("message", (message) => {
  const { id, command } = message as { id: number; command: Command };
  if (command.type === "memory") process.send?.({ id, value: memory() });
  if (command.type === "pair") {
    const { session } = pairWith(test.server, { host: "figma", name: "Another panel", scope: "jobs" });
    process.send?.({ id, value: session });
  }
  if (command.type === "stop") void stop().then(() => process.send?.({ id, value: null }));
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: { port: test.server.port, token: test.panel.session } });
