// Ten minutes of a panel's work with fifty crashes of the engine's child: nothing grows.
// IMPASTO_SOAK_MINUTES shortens it for a look.

import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ROUTES, type RouteName } from "../../../companion/protocol/api.ts";
import type { Job } from "../../../companion/protocol/jobs.ts";
import { FAULTS } from "../support/faults.ts";
import { temporaryFolder } from "../support/job-service.ts";
import { noisePng, sha256 } from "../support/pictures.ts";
import { startWholeCompanion } from "./child-server-control.ts";
import { readLines } from "./harness.ts";

const MINUTES = Number(process.env.IMPASTO_SOAK_MINUTES ?? 10);
const CRASHES = Math.ceil(MINUTES * 5);
/** Of the process that serves; the first minute fills caches and compiles. */
const GROWTH_BYTES = 32 * 1024 * 1024;

interface Memory {
  rss: number;
  files: number;
}

describe("the companion", () => {
  it(`works for ${MINUTES} minutes through ${CRASHES} crashes of its child without growing`, async () => {
    const companion = await startWholeCompanion(temporaryFolder());

    async function call(name: RouteName, params: Record<string, string>, init: RequestInit = {}): Promise<Response> {
      const path = ROUTES[name].path.replace(/:(\w+)/g, (_, field: string) => params[field] ?? "");
      const headers = { Authorization: `Bearer ${companion.token}`, ...(init.headers as Record<string, string>) };
      const reply = await fetch(`http://127.0.0.1:${companion.port}${path}`, {
        ...init,
        method: ROUTES[name].method,
        headers,
      });
      if (!reply.ok) throw new Error(`${name}: ${reply.status} ${await reply.text()}`);
      return reply;
    }
    async function put(seed: number): Promise<string> {
      const bytes = noisePng(seed);
      const hash = sha256(bytes);
      const headers = { "Content-Type": "application/octet-stream" };
      await call("blobPut", { sha256: hash }, { body: new Uint8Array(bytes), headers });
      return hash;
    }
    async function paint(seed: number, fault: number): Promise<Job> {
      const style = { sha256: await put(1) };
      const content = { sha256: await put(seed) };
      // Twenty milliseconds an iteration, where it crashes: the last checkpoint has time to reach the disk.
      const settings = { seed: fault, iterations: 100, stepSize: fault === FAULTS.none ? 0.01 : 0.2 };
      const headers = { "Content-Type": "application/json", "Idempotency-Key": randomBytes(8).toString("hex") };
      const body = JSON.stringify({ content, styles: [style], settings });
      const { id } = (await (await call("jobSubmit", {}, { body, headers })).json()) as Job;
      for await (const _line of readLines(await call("jobEvents", { id }))) {
        // Reads to the end of the job.
      }
      const job = (await (await call("job", { id })).json()) as Job;
      await (await call("jobResult", { id })).arrayBuffer();
      return job;
    }

    const startedAt = performance.now();
    const minutes = () => (performance.now() - startedAt) / 60_000;
    let jobs = 0;
    let crashes = 0;
    let early: Memory | null = null;
    while (minutes() < MINUTES || crashes < CRASHES) {
      const crash = crashes < CRASHES * (minutes() / MINUTES);
      const job = await paint(jobs + 2, crash ? FAULTS.segfaultUnlessResumed : FAULTS.none);
      expect(job.state).toBe("done");
      // A crash that comes before the checkpoint is on the disk costs one more attempt.
      expect(job.attempts > 1).toBe(crash);
      jobs += 1;
      crashes += job.attempts - 1;
      if (early === null && minutes() > MINUTES / 10) early = await companion.ask<Memory>({ type: "memory" });
    }
    const late = await companion.ask<Memory>({ type: "memory" });
    await companion.stop();
    const growth = late.rss - (early?.rss ?? 0);
    console.log(
      `soak: ${minutes().toFixed(1)} minutes, ${jobs} jobs, ${crashes} crashes; RSS ${((early?.rss ?? 0) / 2 ** 20).toFixed(0)} → ` +
        `${(late.rss / 2 ** 20).toFixed(0)} MB, open files ${early?.files} → ${late.files}`,
    );
    expect(growth).toBeLessThan(GROWTH_BYTES);
    expect(Math.abs(late.files - (early?.files ?? 0))).toBeLessThanOrEqual(5);
  });
});
