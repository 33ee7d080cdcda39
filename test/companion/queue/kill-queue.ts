// The kill loop over a queue with two workers: what it is held against, for both of its lengths.

import type { Settings } from "../../../companion/protocol/settings.ts";
import { seeded } from "../server/seeded.ts";
import { bundleEntries } from "../support/bundle.ts";
import { temporaryFolder } from "../support/job-service.ts";
import { type KillReport, killAtRandom } from "../support/kill-driver.ts";
import { startQueueVictims } from "../support/queue-victims.ts";

export async function killQueueAtRandom(cycles: number): Promise<KillReport> {
  const [targetPath = "", workerPath = "", childPath = ""] = await bundleEntries(
    "kill-target",
    "queue-worker",
    "fake-child",
  );
  const seed = Date.now() % 1_000_000;
  const data = temporaryFolder();
  const victims = await startQueueVictims({ data, workerPath, childPath, random: seeded(seed + 1) });
  try {
    const report = await killAtRandom({ cycles, seed, targetPath, childPath, data, victims, settingsOf });
    console.log(`kill -9 over a queue, seed ${seed}: ${JSON.stringify(report)}`);
    return report;
  } finally {
    await victims.end();
  }
}

/** Two short ones, and one that leaves checkpoints. */
function settingsOf(cycle: number, n: number): Partial<Settings> {
  const strength = (cycle + n) % 100;
  if (n === 0) return { iterations: 130, stepSize: 0.02, strength };
  return { iterations: 4 + ((cycle * 7 + n * 3) % 12), stepSize: 0.05, strength };
}
