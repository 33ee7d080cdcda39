// Two thousand slow clients, and two hundred event streams while the processor is busy with something else.

import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChildServer, startChildServer } from "./child-server-control.ts";
import { drip } from "./slow-clients.ts";
import { measureStreams } from "./streams.ts";
import { measureUploads } from "./uploads.ts";

describe("slow clients", () => {
  let server: ChildServer;
  beforeAll(async () => {
    server = await startChildServer();
  });
  afterAll(() => server.stop());

  it("by the thousand are cut off, and an honest one is answered", async () => {
    const before = await server.ask<number>({ type: "memory" });
    const { ended, lastEndMs, healthMs } = await drip(server.port, server.token, 2000, 60_000);
    const growth = (await server.ask<number>({ type: "memory" })) - before;
    const p98 = healthMs[Math.floor((healthMs.length - 1) * 0.98)] as number;
    console.log(
      `2,000 dripping clients: ${ended} ended, the last after ${lastEndMs.toFixed(0)} ms; ` +
        `health p98 ${p98.toFixed(1)} ms; RSS ${(growth / 2 ** 20).toFixed(0)} MB more`,
    );
    expect(ended).toBe(2000);
    expect(lastEndMs).toBeLessThan(30_000);
    expect(growth).toBeLessThan(64 * 2 ** 20);
  });
});

describe("uploads", () => {
  it("sixteen of 32 MB at once, new and then known, pass through without being held", async () => {
    const { statuses, beforeBytes, peakBytes, seconds } = await measureUploads(32 * 2 ** 20);
    console.log(
      `16 uploads of 32 MB at once, twice: ${seconds.toFixed(1)} s; ` +
        `RSS ${(beforeBytes / 2 ** 20).toFixed(0)} MB before, ${(peakBytes / 2 ** 20).toFixed(0)} MB at most`,
    );
    expect(statuses).toEqual([...Array(16).fill(201), ...Array(16).fill(200)]);
    expect(peakBytes).toBeLessThan(200 * 2 ** 20);
  });
});

describe("event streams", () => {
  it("two hundred at ten events a second leave health quick while the engine is busy", async () => {
    // Stands for the engine: as much of the processor as a niced child takes.
    const engine = spawn(process.execPath, ["-e", "for (;;) Math.sqrt(Math.random())"], { stdio: "ignore" });
    const { fewest, most, healthP99Ms, rssBytes } = await measureStreams(200, 10, 20);
    engine.kill("SIGKILL");
    console.log(
      `200 streams × 10 events/s: ${fewest}-${most} events each in 20 s, health p99 ${healthP99Ms.toFixed(1)} ms, ` +
        `RSS ${(rssBytes / 2 ** 20).toFixed(0)} MB`,
    );
    expect(healthP99Ms).toBeLessThan(100);
    expect(rssBytes).toBeLessThan(150 * 2 ** 20);
  });
});
