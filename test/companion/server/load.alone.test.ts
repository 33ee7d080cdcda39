// Slow clients and many streams, in small; load.slow.test.ts in full.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChildServer, startChildServer } from "./child-server-control.ts";
import { drip } from "./slow-clients.ts";
import { measureStreams } from "./streams.ts";

describe("slow clients", () => {
  let server: ChildServer;
  beforeAll(async () => {
    server = await startChildServer();
  });
  afterAll(() => server.stop());

  it("are cut off, and do not keep an honest one waiting", async () => {
    const { ended, lastEndMs, healthMs } = await drip(server.port, server.token, 100, 60_000);
    console.log(
      `100 dripping clients: all ended after ${lastEndMs.toFixed(0)} ms, health at most ${healthMs.at(-1)?.toFixed(0)} ms`,
    );
    expect(ended).toBe(100);
  });
});

describe("event streams", () => {
  it("of many jobs at ten events a second leave health quick", async () => {
    const { fewest, healthMedianMs, rssBytes } = await measureStreams(40, 10, 3);
    console.log(`40 streams: health ${healthMedianMs.toFixed(1)} ms, RSS ${(rssBytes / 2 ** 20).toFixed(0)} MB`);
    expect(fewest).toBeGreaterThan(5);
    // One request may wait for the machine, half of them do not. The bound on a quiet one, p99 in 100 ms at 200 streams,
    // stands in load.slow.test.ts.
    expect(healthMedianMs).toBeLessThan(1000);
  });
});
