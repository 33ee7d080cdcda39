// A run that is killed several times ends where an uninterrupted one ends: their canonical losses differ by less
// than 1 %, judged by `impasto evaluate`.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { runCli } from "../cli/run-cli.ts";
import {
  finished,
  openTestService,
  reached,
  readAll,
  request,
  submit,
  temporaryFolder,
  upload,
} from "../support/job-service.ts";
import { makePng } from "../support/pictures.ts";

let service: LocalJobService;
afterAll(() => service?.close());

/** Total as the objective's definition has it, with equal weights. */
function totalOf(json: string): number {
  const { content, style } = JSON.parse(json) as Record<"content" | "style", Record<string, number>>;
  const sum = (losses: Record<string, number>) => Object.values(losses).reduce((total, loss) => total + loss, 0);
  return sum(content) + sum(style) / Object.keys(style).length;
}

it("ends within 1 % of the uninterrupted run's canonical loss after three kills", async () => {
  const folder = temporaryFolder();
  const content = makePng(128, 96, (x, y) => [x * 2, y * 2, 128 + 100 * Math.sin(x / 9) * Math.cos(y / 7)]);
  const style = makePng(128, 128, (x, y) => [128 + 120 * Math.sin((x + y) / 4), (x * y) % 256, 255 - y]);
  writeFileSync(join(folder, "content.png"), content);
  writeFileSync(join(folder, "style.png"), style);
  service = await openTestService({ data: join(folder, "home") });
  const hashes = [await upload(service, content), await upload(service, style)] as const;
  const settings = {
    size: 128,
    minScale: 64,
    firstIterations: 200,
    iterations: 150,
    device: "cpu",
    threads: 2,
  } as const;

  const losses: number[] = [];
  for (const kills of [0, 3]) {
    const job = await submit(service, request(...hashes, settings));
    for (let kill = 1; kill <= kills; kill++) {
      // Deaths count against a job: two of them by the child, one by the whole service.
      await reached(service, job.id, ({ progress }) => (progress?.totalIteration ?? 0) >= kill * 90, 120_000);
      if (kill < 3) process.kill(service.childPid ?? 0, "SIGKILL");
      else {
        await service.close();
        service = await openTestService({ data: join(folder, "home") });
      }
    }
    const done = await finished(service, job.id, 300_000);
    expect(done).toMatchObject({ state: "done", attempts: kills + 1 });
    const image = join(folder, `result-${kills}.png`);
    writeFileSync(image, await readAll((await service.result(job.id)).stream));
    const { width = 0, height = 0 } = done.result ?? {};
    expect([width, height]).toEqual([128, 96]);
    const judged = await runCli(
      ["evaluate", "--image", image, "--content", join(folder, "content.png"), "--style", join(folder, "style.png")],
      { cwd: process.cwd() },
    );
    losses.push(totalOf(judged.stdout));
  }
  const [straight = Number.NaN, resumed = Number.NaN] = losses;
  console.log(`canonical loss: straight ${straight.toPrecision(6)}, killed three times ${resumed.toPrecision(6)}`);
  expect((resumed - straight) / straight <= 0.01).toBe(true);
}, 900_000);
