// A companion that is to be killed at any moment: does what its parent says over IPC and acknowledges it. With a queue
// and a port, workers elsewhere do its jobs.

import { Readable } from "node:stream";
import { createLog } from "../../../companion/log.ts";
import type { JobRequest } from "../../../companion/protocol/jobs.ts";
import { startServer } from "../../../companion/server/server.ts";
import { openTestService, readAll } from "./job-service.ts";
import { sha256 } from "./pictures.ts";
import { elsewhereOn, QUICK_PACE } from "./workers.ts";

export type ToTarget =
  | { type: "upload"; bytes: Uint8Array }
  | { type: "submit"; key: string; request: JobRequest }
  | { type: "inspect"; id: string }
  | { type: "close" };

export type FromTarget =
  | { type: "ready"; resumed: number }
  | { type: "uploaded" }
  | { type: "submitted"; key: string; id: string }
  | { type: "inspected"; id: string; state: string; code: string | null; attempts: number; result: string | null }
  | { type: "child"; pid: number | undefined };

const [data = "", childPath = "", queue = "", port = ""] = process.argv.slice(2);
const elsewhere = queue === "" ? undefined : (await elsewhereOn(queue, data, { pace: QUICK_PACE })).elsewhere;
const service = await openTestService({
  ...{ data, childPath, supervisor: { backoffMs: [1, 1] } },
  ...(elsewhere && { elsewhere }),
});
if (queue !== "") {
  await startServer({ service, desk: service.desk, dataFolder: data, ports: [Number(port)], log: createLog(null) });
}
const say = (message: FromTarget): void => void process.send?.(message, undefined, undefined, () => undefined);

process.on("disconnect", () => process.exit(0));
process.on("message", (message: ToTarget) => void obey(message));

async function obey(message: ToTarget): Promise<void> {
  switch (message.type) {
    case "upload":
      await service.putBlob(sha256(message.bytes), Readable.from([message.bytes]), undefined);
      say({ type: "uploaded" });
      return;
    case "submit": {
      const { job } = await service.submit(message.request, { owner: "witness", idempotencyKey: message.key });
      say({ type: "submitted", key: message.key, id: job.id });
      return;
    }
    case "inspect": {
      const job = service.get(message.id);
      const result = job.state === "done" ? sha256(await readAll((await service.result(job.id)).stream)) : null;
      const { id, state, error, attempts } = job;
      say({ type: "inspected", id, state, code: error?.code ?? null, attempts, result });
      return;
    }
    case "close":
      await service.close();
      process.exit(0);
  }
}

/** Jobs that a crash loop put on hold are asked for again, as a user would. */
let resumed = 0;
for (const job of service.list({ state: "paused", limit: 1000 })) {
  await service.change(job.id, { action: "resume" });
  resumed += 1;
}
say({ type: "ready", resumed });
setInterval(() => say({ type: "child", pid: service.childPid }), 5);
