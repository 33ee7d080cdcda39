// Loads malformed network files with the native loader and with the one in TypeScript (which is the stricter of the
// two: no gaps, no bytes too many), and holds every outcome against the promise: sound, or a typed error, soon.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { networkInfo } from "../../../companion/engine.ts";
import { parseNetworkFile } from "../../../companion/networks/network-file.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { processorClock } from "../../setup/processor-time.ts";
import { createRandom } from "../random.ts";
import { malformNetwork, tinyNetwork } from "./mutations.ts";

/** Of processor time, for one file. */
const LONGEST_MS = 5000;
const GROWTH_BYTES = 100e6;

export interface NetworkTally {
  /** By the native loader, which counts for a run. */
  sound: number;
  refused: number;
  longestMs: number;
  growthBytes: number;
}

export function loadMany(count: number, firstSeed: number): NetworkTally {
  const folder = mkdtempSync(join(tmpdir(), "impasto-networks-"));
  const seed = tinyNetwork();
  const tally: NetworkTally = { sound: 0, refused: 0, longestMs: 0, growthBytes: 0 };
  let before = 0;
  try {
    for (let i = 0; i < count; i++) {
      if (i === Math.floor(count / 10)) before = process.memoryUsage().rss;
      const name = `seed ${firstSeed + i}`;
      const bytes = malformNetwork(seed, createRandom(firstSeed + i));
      const path = join(folder, "network.safetensors");
      writeFileSync(path, bytes);
      const spent = processorClock();
      const native = attempt(() => networkInfo(path), name, /^network\.safetensors /);
      const elapsed = spent();
      expect(elapsed, name).toBeLessThan(LONGEST_MS);
      tally.longestMs = Math.max(tally.longestMs, elapsed);
      attempt(() => parseNetworkFile(bytes), name, /^This network file /);
      if (native) tally.sound += 1;
      else tally.refused += 1;
    }
    tally.growthBytes = process.memoryUsage().rss - before;
    expect(tally.growthBytes).toBeLessThan(GROWTH_BYTES);
    return tally;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns whether the file is sound; what is not is called by its name, as `subject` says */
function attempt(load: () => unknown, name: string, subject: RegExp): boolean {
  try {
    load();
    return true;
  } catch (error) {
    if (!(error instanceof ImpastoError)) throw error;
    expect(error.code, `${name}: ${error.message}`).toBe("bad-network");
    expect(error.message, name).toMatch(subject);
    return false;
  }
}
