// A batch through the companion, whose two streams (the batch's and the running frame's) the test plays in the order it likes.

import { expect, test, vi } from "vitest";
import { attachBatch } from "../../../ui/engines/companion/batch.ts";
import type { RunContext } from "../../../ui/engines/companion/run.ts";
import type { BatchFrameStatus } from "../../../ui/engines/style-engine.ts";

/** Lines that come when the test says so. */
function makeStream() {
  const lines: unknown[] = [];
  let wake = (): void => {};
  return {
    say(line: unknown): void {
      lines.push(line);
      wake();
    },
    async *read() {
      for (;;) {
        while (lines.length > 0) yield lines.shift();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

test("progress that arrives after its frame was done takes back neither that nor the result's notes", async () => {
  const streams = { batchEvents: makeStream(), jobEvents: makeStream() };
  const http = {
    json: async () => ({ frames: [{ index: 0 }] }),
    lines: (route: keyof typeof streams) => streams[route].read(),
  };
  const frames: BatchFrameStatus[] = [];
  await attachBatch({ http: () => http } as unknown as RunContext, "b", {
    onFrame: (frame) => frames.push(frame),
    onState() {},
  });
  const tellFrame = (sequence: number, state: string) =>
    streams.batchEvents.say({
      type: "frame",
      sequence,
      frame: {
        index: 0,
        state,
        job: "j",
        result: state === "done" ? { notes: ["Only the first page."] } : null,
        error: null,
      },
    });
  const tellProgress = (sequence: number, fraction: number) =>
    streams.jobEvents.say({ type: "progress", sequence, progress: { fraction } });

  tellFrame(1, "running");
  tellProgress(1, 0.5);
  await vi.waitFor(() => expect(frames.at(-1)).toMatchObject({ state: "running", fraction: 0.5 }));
  tellFrame(2, "done");
  await vi.waitFor(() => expect(frames.at(-1)?.state).toBe("done"));
  tellProgress(2, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(frames.at(-1)).toMatchObject({ state: "done", fraction: 1, notes: ["Only the first page."] });
});
