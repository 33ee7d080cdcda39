// A batch inside the panel beside a single picture: both take turns.

import { expect, test, vi } from "vitest";
import { ImpastoError } from "../../../../companion/protocol/errors.ts";
import { DEFAULT_SETTINGS } from "../../../../companion/protocol/settings.ts";
import { startPanelBatch } from "../../../../ui/engines/panel/batch.ts";
import type {
  BatchFrameStatus,
  EngineRequest,
  EngineResult,
  RunListeners,
} from "../../../../ui/engines/style-engine.ts";
import { makeTurns } from "../../../../ui/turns.ts";

const PICTURE = { name: "a picture", bytes: new Uint8Array(), width: 64, height: 48 };
const RESULT: EngineResult = {
  ...{ bytes: new Uint8Array(), width: 64, height: 48 },
  ...{ iterations: 1, seconds: 1, device: "webgl", stopped: false },
};

/** Runs that end when they are told to, one at a time. */
function makeEngine() {
  const inTurn = makeTurns();
  const finish: (() => void)[] = [];
  const stylize = (_: unknown, { signal }: RunListeners) => ({
    result: inTurn(
      () =>
        new Promise<EngineResult>((resolve, reject) => {
          finish.push(() => resolve(RESULT));
          signal?.addEventListener("abort", () => reject(new ImpastoError("cancelled", "The run was cancelled.")));
        }),
    ),
    update() {},
    pause() {},
    resume() {},
    stop() {},
  });
  return { stylize, finish };
}

test("frames are painted in their own style, and one again at its own strength", async () => {
  const { stylize, finish } = makeEngine();
  const asked: EngineRequest[] = [];
  const frames: BatchFrameStatus[] = [];
  const content = { id: "a", name: "a", read: async () => PICTURE };
  const batch = await startPanelBatch(
    {
      stylize(request, listeners) {
        asked.push(request);
        return stylize(request, listeners);
      },
    },
    {
      name: "Two styles",
      styles: ["one", "two"].map((name) => ({ picture: { ...PICTURE, name }, weight: 1 })),
      settings: DEFAULT_SETTINGS,
      contents: [0, 1].map((style) => ({ ...content, style })),
    },
    {
      onFrame: (frame) => {
        frames[frame.index] = frame;
      },
      onState() {},
    },
  );
  const finishNext = async (count: number) => {
    await vi.waitFor(() => expect(finish).toHaveLength(count));
    finish[count - 1]?.();
  };
  await finishNext(1);
  await finishNext(2);
  await vi.waitFor(() => expect(frames.map(({ state }) => state)).toEqual(["done", "done"]));
  batch.repaint([1], 90);
  await finishNext(3);
  await vi.waitFor(() => expect(frames.map(({ state }) => state)).toEqual(["done", "done"]));
  expect(asked.map(({ styles, settings }) => [styles.map(({ picture }) => picture.name), settings.strength])).toEqual([
    [["one"], 50],
    [["two"], 50],
    [["two"], 90],
  ]);
});

test("a paused batch gives its turn to a picture that is asked for, and takes its frame up again", async () => {
  const engine = makeEngine();
  const frames: BatchFrameStatus[] = [];
  const batch = await startPanelBatch(
    engine,
    {
      name: "A style",
      styles: [{ picture: PICTURE, weight: 1 }],
      settings: DEFAULT_SETTINGS,
      contents: [{ id: "a", name: "a", read: async () => PICTURE }],
    },
    {
      onFrame: (frame) => {
        frames[frame.index] = frame;
      },
      onState() {},
    },
  );
  await vi.waitFor(() => expect(engine.finish).toHaveLength(1));
  batch.giveUpTurn();
  expect(frames[0]?.state).toBe("running");
  batch.pause();
  batch.giveUpTurn();
  const single = engine.stylize({}, {}).result;
  await vi.waitFor(() => expect(engine.finish).toHaveLength(2));
  expect(frames[0]).toMatchObject({ state: "queued", fraction: 0 });
  engine.finish[1]?.();
  expect(await single).toBe(RESULT);
  batch.resume();
  await vi.waitFor(() => expect(engine.finish).toHaveLength(3));
  engine.finish[2]?.();
  await vi.waitFor(() => expect(frames[0]?.state).toBe("done"));
});
