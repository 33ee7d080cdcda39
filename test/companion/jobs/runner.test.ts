// What becomes of a job that was claimed for the engine and could not be handed over.

import { afterEach, expect, it, vi } from "vitest";
import type { LocalJobService } from "../../../companion/jobs/job-service.ts";
import { JobsTable } from "../../../companion/ledger/jobs-table.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import type { RunOrder } from "../../../companion/supervisor/messages.ts";
import type { RunHandlers } from "../../../companion/supervisor/supervisor.ts";
import { openTestService, PATIENT, request, submit, temporaryFolder, upload } from "../support/job-service.ts";
import { noisePng } from "../support/pictures.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";

let service: LocalJobService;
afterEach(() => service.close());

class RefusingEngine extends ScriptedEngine {
  left: number;

  constructor(times: number) {
    super();
    this.left = times;
  }

  override run(order: RunOrder, handlers: RunHandlers): void {
    if (this.left-- > 0) throw Object.assign(new Error("EIO: injected"), { code: "EIO" });
    super.run(order, handlers);
  }
}

async function start(times: number) {
  const engine = new RefusingEngine(times);
  service = await openTestService({ data: temporaryFolder(), engine });
  const job = await submit(
    service,
    request(await upload(service, noisePng(1)), await upload(service, noisePng(2)), {}, true),
  );
  return { engine, id: job.id };
}

it("A job that cannot be handed to the engine is handed to it again", async () => {
  const { engine, id } = await start(1);
  await expect.poll(() => engine.busy, PATIENT).toBe(true);
  expect(service.get(id)).toMatchObject({ state: "running", attempts: 2 });
  engine.finish();
  await expect.poll(() => service.get(id).state, PATIENT).toBe("done");
});

it("A job that was to be paused when its child died is paused, also when the ledger refuses for a moment", async () => {
  const { engine, id } = await start(0);
  await expect.poll(() => engine.busy, PATIENT).toBe(true);
  const pausing = service.change(id, { action: "pause" });
  const refusing = vi.spyOn(JobsTable.prototype, "pauseQueued").mockImplementationOnce(() => {
    throw new ImpastoError("disk-full", "There is no room.");
  });
  engine.die();
  await pausing;
  expect(refusing).toHaveBeenCalled();
  refusing.mockRestore();
  await expect
    .poll(() => service.get(id), PATIENT)
    .toMatchObject({ state: "paused", pauseReason: "user", attempts: 1 });
});

it("A job that was to be paused when its device failed is paused, and goes on with the CPU", async () => {
  const { engine, id } = await start(0);
  await expect.poll(() => engine.busy, PATIENT).toBe(true);
  const pausing = service.change(id, { action: "pause" });
  engine.fail("gpu-lost");
  expect(await pausing).toMatchObject({ state: "paused", pauseReason: "user" });
  await service.change(id, { action: "resume" });
  expect(engine.active?.order.overrides).toEqual({ device: "cpu" });
});

it("A ledger that cannot be read after a job is done ends nothing", async () => {
  const { engine, id } = await start(0);
  await expect.poll(() => engine.busy, PATIENT).toBe(true);
  const step = JobsTable.prototype.step;
  const refusing = vi.spyOn(JobsTable.prototype, "step").mockImplementation(function (this: JobsTable, asked) {
    // Not while the outcome is written, which is tried again.
    if (new Error().stack?.includes("forgetIfCancelled"))
      throw new ImpastoError("internal", "The ledger cannot be read.");
    return step.call(this, asked);
  });
  engine.finish();
  // An error that nobody waits for would fail this run.
  await expect.poll(() => refusing.mock.results.some(({ type }) => type === "throw"), PATIENT).toBe(true);
  refusing.mockRestore();
  expect(service.get(id).state).toBe("done");
});

it("A job that can never be handed to the engine fails, and the next one runs", async () => {
  const { engine, id } = await start(3);
  await expect.poll(() => service.get(id), PATIENT).toMatchObject({ state: "failed", attempts: 3 });
  const { request: again } = service.get(id);
  const next = await submit(service, again);
  await expect.poll(() => engine.job, PATIENT).toBe(next.id);
});
