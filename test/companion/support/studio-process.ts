// A companion with a queue as a process, to measure what it takes. Arguments: data folder, queue. Tells over IPC where
// it is, then answers each message with what it has used so far.

import { createLog } from "../../../companion/log.ts";
import { startServer } from "../../../companion/server/server.ts";
import { openTestService } from "./job-service.ts";
import { ScriptedEngine } from "./scripted-engine.ts";
import { elsewhereOn } from "./workers.ts";

export interface Used {
  cpuMs: number;
  residentBytes: number;
}

const [data = "", queue = ""] = process.argv.slice(2);
const { elsewhere } = await elsewhereOn(queue, data);
const service = await openTestService({ data, elsewhere, engine: new ScriptedEngine() });
const log = createLog(null);
const server = await startServer({ service, desk: service.desk, dataFolder: data, ports: [0], log });
const { token } = server.tokens.issue({ host: "worker", name: "Workers", scope: "work" });

/** What the measuring itself takes, by collecting garbage each time, is nobody's frame. */
let measuringMs = 0;

function cpuMsSinceStart(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

process.on("disconnect", () => process.exit());
process.on("message", () => {
  const cpuMs = cpuMsSinceStart() - measuringMs;
  global.gc?.();
  const used: Used = { cpuMs, residentBytes: process.memoryUsage.rss() };
  measuringMs = cpuMsSinceStart() - cpuMs;
  process.send?.(used);
});
process.send?.({ port: server.port, token });
