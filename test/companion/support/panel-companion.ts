// A companion as a process of its own for tests of the panel: the real server over the real job service, with the
// fake engine. Arguments: data folder, child module, port (0: any). Answers what the test asks over IPC.

import { join } from "node:path";
import { createLog } from "../../../companion/log.ts";
import { startServer } from "../../../companion/server/server.ts";
import { openTestService } from "./job-service.ts";
import type { PanelCompanionCommand } from "./panel-companion-command.ts";

const [data = "", childPath = "", port = "0"] = process.argv.slice(2);
/** Each code is asked for in a time of its own: the limit on opening the window is tested elsewhere. */
const QUARTER_HOUR_MS = 900_000;
let skippedMs = 0;

const service = await openTestService({ data, childPath, supervisor: { backoffMs: [10, 20] } });
const server = await startServer({
  service,
  log: createLog(join(data, "companion.log")),
  dataFolder: data,
  ports: [Number(port)],
  heartbeatMs: 500,
  limits: { pairing: { take: () => true }, unauthenticated: { take: () => true } },
  now: () => performance.now() + skippedMs,
});

function answer(command: PanelCompanionCommand): string {
  switch (command) {
    case "code":
      skippedMs += QUARTER_HOUR_MS;
      return server.window.open().code;
    case "close-window":
      server.window.close();
      return "";
    case "page-address":
      return server.pageAddress();
    case "revoke-all":
      for (const { id } of server.tokens.list("")) server.tokens.revoke(id);
      return "";
    case "pairings":
      return JSON.stringify(server.tokens.list(""));
    case "latest-job":
      return JSON.stringify(service.list({ limit: 1 })[0] ?? null);
  }
}

process.on("message", (message) => {
  const { id, command } = message as { id: number; command: PanelCompanionCommand };
  process.send?.({ id, value: answer(command) });
});
process.on("SIGTERM", () => {
  void server
    .close()
    .then(() => service.close())
    .then(() => process.exit(0));
});
process.on("disconnect", () => process.exit(0));
process.send?.({ port: server.port });
