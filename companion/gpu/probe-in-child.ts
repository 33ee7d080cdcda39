// Probes the GPU in a process of its own: a driver that crashes takes only that process along, and one that hangs is
// left behind when its time is up. What a driver prints goes nowhere.

import { fork } from "node:child_process";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { GpuProbeSchema, type ProbeOutcome } from "./verdict.ts";

/** Until the child has loaded the engine, on a busy machine; and for the probe itself. */
const LOAD_LIMIT_MS = 10_000;
const PROBE_LIMIT_MS = 2_000;

const ProbeMessageSchema = Type.Union([
  Type.Object({ type: Type.Literal("loaded") }),
  Type.Object({ type: Type.Literal("probed"), probe: GpuProbeSchema }),
]);
const message = Compile(ProbeMessageSchema);

/** @param childPath companion/gpu-probe.ts, bundled */
export function probeInChild(childPath: string): Promise<ProbeOutcome> {
  const child = fork(childPath, [], { stdio: ["ignore", "ignore", "ignore", "ipc"], execArgv: [] });
  return new Promise((resolve) => {
    const settle = (outcome: ProbeOutcome) => {
      clearTimeout(timer);
      // A process stuck in its driver may not even die of this: nobody waits for it.
      child.kill("SIGKILL");
      child.unref();
      if (child.connected) child.disconnect();
      resolve(outcome);
    };
    const giveUpAfter = (ms: number, doing: string) =>
      setTimeout(() => settle({ failure: `It was given up after ${ms / 1000} s of ${doing}.` }), ms);
    let timer = giveUpAfter(LOAD_LIMIT_MS, "loading");
    child.on("message", (received) => {
      if (!message.Check(received)) return;
      if (received.type === "probed") return settle({ probe: received.probe });
      clearTimeout(timer);
      timer = giveUpAfter(PROBE_LIMIT_MS, "trying");
    });
    child.on("error", (error) => settle({ failure: `It could not be tried: ${error.message}` }));
    child.on("exit", (code, signal) =>
      settle({ failure: `Trying it ended its process (${signal ?? `code ${code}`}).` }),
    );
  });
}
