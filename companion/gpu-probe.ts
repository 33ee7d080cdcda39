// Entry of the GPU's probe, dist/gpu-probe.js: loads the engine, says so, measures, tells, and waits to be ended.

import { engineInfo, probeGpu } from "./engine.ts";

// The parent is gone: leave at once, without exit handlers that could wait for the driver.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
// Ctrl-C and a closed terminal reach children too; an end by them would be remembered as the driver's.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
engineInfo();
process.send?.({ type: "loaded" });
process.send?.({ type: "probed", probe: await probeGpu() });
