// The HTTP face over the fake job service as a process of its own, so that its memory and its event loop are its own.
// Driven over IPC by server/child-server-control.ts.

import { progressAt } from "../server/fake-job-service.ts";
import { startTestServer } from "../server/harness.ts";

export type Command =
  | { type: "memory" }
  /** Of the whole companion only: a session of a new pairing. */
  | { type: "pair" }
  | { type: "snapshot" }
  | { type: "add-job" }
  | { type: "stream"; jobs: string[]; perSecond: number }
  | { type: "stop" };

const test = await startTestServer({ heartbeatMs: 60_000 });
let timer: NodeJS.Timeout | undefined;
let iteration = 0;

async function answer(command: Command): Promise<unknown> {
  switch (command.type) {
    case "memory":
      return process.memoryUsage().rss;
    case "snapshot":
      return test.fake.snapshot();
    case "add-job":
      return test.fake.addJob().id;
    case "stream":
      clearInterval(timer);
      timer = setInterval(() => {
        iteration += 1;
        for (const id of command.jobs) test.fake.emit(id, { type: "progress", progress: progressAt(iteration) });
      }, 1000 / command.perSecond);
      return null;
    case "stop":
      clearInterval(timer);
      await test.stop();
      setImmediate(() => process.disconnect());
      return null;
  }
}

process.on("message", (message) => {
  const { id, command } = message as { id: number; command: Command };
  void answer(command).then((value) => process.send?.({ id, value }));
});
process.on("disconnect", () => process.exit());
process.send?.({ ready: { port: test.server.port, token: test.panel.session } });
