// Probes the GPU in a process of its own: a driver that crashes takes only that process along, and one that hangs is
// left behind when its time is up. What a driver prints goes nowhere.

import { fork } from "node:child_process";
import { fieldsOf, type ProbeOutcome, parseProbe } from "./verdict.ts";

/** Until the child has loaded the engine, on a busy machine; and for the probe itself. */
const LIMITS = { loadingMs: 10_000, tryingMs: 2_000 };

/** @param childPath companion/gpu-probe.ts, bundled */
export function probeInChild(childPath: string, limits = LIMITS): Promise<ProbeOutcome> {
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
    let timer = giveUpAfter(limits.loadingMs, "loading");
    child.on("message", (message) => {
      const { type, probe: measured } = fieldsOf(message);
      const probe = type === "probed" ? parseProbe(measured) : null;
      if (probe !== null) settle({ probe });
      if (type !== "loaded") return;
      clearTimeout(timer);
      timer = giveUpAfter(limits.tryingMs, "trying");
    });
    child.on("error", (error) => settle({ failure: `It could not be tried: ${error.message}` }));
    child.on("exit", (code, signal) =>
      settle({ failure: `Trying it ended its process (${signal ?? `code ${code}`}).` }),
    );
  });
}
