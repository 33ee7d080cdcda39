// Styles that the companion learns: one at a time, paused and resumed, found again by the next companion, removed whole.

import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { LearnWork } from "../../../companion/learned/learn-messages.ts";
import type { LearningHandlers } from "../../../companion/learned/learning-process.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { NO_LOSSES, type Progress } from "../../../companion/protocol/progress.ts";
import { openTestService, temporaryFolder, upload } from "../support/job-service.ts";
import { noisePng } from "../support/pictures.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";

const LEARNED = { bytes: 5, width: 8, height: 6, gapBefore: 0.2, gapAfter: 0.1, steps: 9, seconds: 3, stopped: false };
const PROGRESS: Progress = {
  ...{ phase: "learn", fraction: 0.5, scale: 160, scaleIndex: 0, scaleCount: 1, width: 160, height: 160 },
  ...{ iteration: 4, iterations: 4, totalIteration: 4, totalIterations: 4, losses: NO_LOSSES },
  ...{ secondsElapsed: 1, secondsLeft: 2, device: "cpu" },
};

/** A service whose learning the test plays; `begun` holds what was asked of it. */
async function open(data: string = temporaryFolder()) {
  const begun: { work: LearnWork; handlers: LearningHandlers; told: string[] }[] = [];
  const service = await openTestService({
    data,
    engine: new ScriptedEngine(),
    startLearning(work, handlers) {
      const told: string[] = [];
      begun.push({ work, handlers, told });
      return { tell: (what) => void told.push(what), end: () => void told.push("end") };
    },
  });
  const pictures = [await upload(service, noisePng(1)), await upload(service, noisePng(2))] as const;
  const request = { style: { sha256: pictures[0], name: "night" }, frames: [{ sha256: pictures[1] }], minutes: 3 };
  return { data, begun, service, request: { ...request, settings: { strength: 70 } } };
}

test("a style is learned: progress, pictures, pause and resume, and its file in the end", async () => {
  const { begun, service, request } = await open();
  const { learnings } = service;
  const { id } = await learnings.submit(request);
  const [{ work, handlers, told }] = begun as [(typeof begun)[0]];
  expect(work).toMatchObject({ minutes: 3, settings: { strength: 70, seed: 0 }, styles: [{ name: "night" }] });
  await expect(learnings.submit(request)).rejects.toMatchObject({ code: "busy" });
  await expect(learnings.preview(id)).rejects.toMatchObject({ code: "not-found" });
  await expect(learnings.result(id)).rejects.toMatchObject({ code: "conflict" });

  handlers.progress(PROGRESS);
  writeFileSync(work.preview, "a picture");
  handlers.preview();
  expect(learnings.get(id)).toMatchObject({ state: "running", preview: 1, progress: { fraction: 0.5 } });
  expect(await text((await learnings.preview(id)).stream)).toBe("a picture");
  expect(learnings.change(id, { action: "pause" }).state).toBe("paused");
  expect(learnings.change(id, { action: "resume" }).state).toBe("running");
  expect(told).toEqual(["pause", "resume"]);

  writeFileSync(work.out, "style");
  handlers.settled(LEARNED);
  expect(learnings.get(id)).toMatchObject({ state: "finished", learned: LEARNED });
  expect(await text((await learnings.result(id)).stream)).toBe("style");
  expect(() => learnings.change(id, { action: "pause" })).toThrow(/not being learned/);
  await service.close();
});

test("what a companion left in the middle waits paused for the next one, and goes on there", async () => {
  const first = await open();
  const { id } = await first.service.learnings.submit(first.request);
  await first.service.close();
  expect(first.begun[0]?.told).toEqual(["end"]);

  const { begun, service } = await open(first.data);
  expect(service.learnings.list()).toMatchObject([{ id, state: "paused" }]);
  expect(service.learnings.change(id, { action: "resume" }).state).toBe("running");
  expect(begun[0]?.work).toEqual(first.begun[0]?.work);
  await service.close();
});

test("a failed one tells why and can be resumed; a removed one leaves nothing", async () => {
  const { data, begun, service, request } = await open();
  const { learnings } = service;
  const { id } = await learnings.submit(request);
  begun[0]?.handlers.settled(new ImpastoError("engine-crashed", "It crashed."));
  expect(learnings.get(id)).toMatchObject({ state: "failed", error: { code: "engine-crashed" } });
  expect(learnings.change(id, { action: "resume" })).toMatchObject({ state: "running", error: null });
  writeFileSync(begun[1]?.work.preview ?? "", "a picture");
  expect(await learnings.remove(id)).toMatchObject({ state: "cancelled" });
  expect(begun[1]?.told).toEqual(["end"]);
  expect(readdirSync(join(data, "learnings"))).toEqual([]);
  expect(existsSync(begun[1]?.work.preview ?? "")).toBe(false);
  await expect(learnings.submit({ ...request, frames: [{ sha256: "0".repeat(64) }] })).rejects.toMatchObject({
    code: "not-found",
  });
  await service.close();
});
