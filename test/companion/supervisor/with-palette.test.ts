// A run with a palette: result, previews and snapshots are on it; what is protected is as it was.

import { expect, test } from "vitest";
import type { Picture, StylizeRequest, StylizeResult } from "../../../companion/protocol/engine.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import type { ChildRun } from "../../../companion/supervisor/child-engine.ts";
import { snapshotsWithPalette, withPalette } from "../../../companion/supervisor/with-palette.ts";

const SIDE = 32;
const PLANE = SIDE * SIDE;
const PICTURE: Picture = {
  width: SIDE,
  height: SIDE,
  channels: 3,
  data: Float32Array.from({ length: 3 * PLANE }, (_, at) => ((at * 7) % 101) / 100),
};
const left = Float32Array.from({ length: PLANE }, (_, at) => (at % SIDE < SIDE / 2 ? 1 : 0));
const PROTECT: Picture = {
  width: SIDE,
  height: SIDE,
  channels: 3,
  data: Float32Array.from([...left, ...left, ...left]),
};

function run(): ChildRun {
  return {
    result: Promise.resolve({ picture: PICTURE } as StylizeResult),
    update: () => undefined,
    pause: () => undefined,
    stop: () => undefined,
    preview: async () => ({ width: SIDE, height: SIDE, rgb: new Uint8Array(3 * PLANE).fill(90) }),
    checkpoint: async () => null,
  };
}

function request(palette: readonly string[] | null): StylizeRequest {
  return { content: PICTURE, styles: [], protect: PROTECT, settings: { ...DEFAULT_SETTINGS, palette } };
}

test("result, preview and snapshots are on the palette, protected pixels as they were", async () => {
  const asked = request(["#d1495b"]);
  const painted = withPalette(run(), asked);
  const { picture } = await painted.result;
  const snapshots: Picture[] = [];
  snapshotsWithPalette({ every: 1, onSnapshot: ({ picture }) => snapshots.push(picture) }, asked).onSnapshot({
    iteration: 1,
    picture: PICTURE,
  });
  expect(snapshots[0]?.data).toEqual(picture.data);
  let moved = 0;
  for (let at = 0; at < 3 * PLANE; at++) {
    if (at % SIDE < SIDE / 2) expect(picture.data[at]).toBe(PICTURE.data[at]);
    else if (Math.abs((picture.data[at] as number) - (PICTURE.data[at] as number)) > 0.02) moved++;
  }
  expect(moved).toBeGreaterThan(PLANE);
  const preview = await painted.preview();
  const [red = 0, green = 0] = preview?.rgb ?? [];
  expect(red).toBeGreaterThan(green + 60);
});

test("without one a run is as it is", () => {
  const plain = run();
  expect(withPalette(plain, request(null))).toBe(plain);
});
