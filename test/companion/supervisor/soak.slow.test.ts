// Ten minutes of work with 50 deaths of the child: memory and open files of the serving process do not grow.

import { readdirSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { bundleEntries } from "../support/bundle.ts";
import { finished, openTestService, request, submit, temporaryFolder, upload } from "../support/job-service.ts";
import { noisePng } from "../support/pictures.ts";

const MINUTES = Number(process.env.IMPASTO_SOAK_MINUTES ?? 10);
const DEATHS = 50;
/** The first part is warming up: code is compiled, caches fill. */
const WARM_UP_SHARE = 0.3;

let service: LocalJobService;
afterAll(() => service?.close());

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

it(
  "holds its memory and its files over thousands of jobs and 50 dead children",
  async () => {
    const [childPath = ""] = await bundleEntries("fake-child");
    service = await openTestService({ data: temporaryFolder(), childPath, supervisor: { backoffMs: [10] } });
    const content = await upload(service, noisePng(1));
    const style = await upload(service, noisePng(2));
    const durationMs = MINUTES * 60_000;
    const begun = Date.now();
    const samples: { at: number; rssMb: number; files: number }[] = [];
    let jobs = 0;
    let deaths = 0;
    while (Date.now() - begun < durationMs) {
      const job = await submit(service, request(content, style, { iterations: 20, strength: jobs % 100 }));
      if (deaths < ((Date.now() - begun) / durationMs) * DEATHS && service.childPid !== undefined) {
        process.kill(service.childPid, "SIGKILL");
        deaths += 1;
      }
      const done = await finished(service, job.id, 60_000);
      expect(done.state).toBe("done");
      jobs += 1;
      if (jobs % 20 !== 0) continue;
      globalThis.gc?.();
      const at = (Date.now() - begun) / durationMs;
      samples.push({ at, rssMb: process.memoryUsage.rss() / 1e6, files: openFiles() });
    }
    const warm = samples.filter(({ at }) => at >= WARM_UP_SHARE);
    const early = warm.slice(0, Math.ceil(warm.length / 4));
    const late = warm.slice(-Math.ceil(warm.length / 4));
    const growthMb = median(late.map(({ rssMb }) => rssMb)) - median(early.map(({ rssMb }) => rssMb));
    const moreFiles = median(late.map(({ files }) => files)) - median(early.map(({ files }) => files));
    console.log(
      `soak: ${jobs} jobs and ${deaths} deaths in ${MINUTES} min; ` +
        `RSS ${growthMb.toFixed(1)} MB more, ${moreFiles} files more`,
    );
    expect(deaths).toBeGreaterThanOrEqual(DEATHS - 1);
    expect(moreFiles).toBeLessThanOrEqual(5);
    expect(growthMb).toBeLessThan(20);
  },
  (MINUTES + 2) * 60_000,
);
