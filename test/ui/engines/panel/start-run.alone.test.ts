// What is asked of a run of the panel's engine while its pictures are still being decoded.

import { expect, test, vi } from "vitest";
import { DEFAULT_SETTINGS, type Settings } from "../../../../companion/protocol/settings.ts";
import type { PanelClient } from "../../../../ui/engines/panel/client.ts";
import { startRun } from "../../../../ui/engines/panel/start-run.ts";

const decoding = vi.hoisted(() => {
  let finish = (_picture: unknown): void => {};
  const picture = new Promise((resolve) => {
    finish = resolve;
  });
  return { picture, finish: (done: unknown) => finish(done) };
});
vi.mock("../../../../ui/engines/panel/pixels.ts", () => ({
  decodePicture: () => decoding.picture,
  encodePicture: async () => new Uint8Array(),
  previewBitmap: async () => ({}),
}));

test("a strength that is set while the pictures are decoded is the run's strength", async () => {
  const picture = { width: 64, height: 48, channels: 3, data: new Float32Array(3 * 64 * 48) };
  const source = { name: "a picture", bytes: new Uint8Array(), width: 64, height: 48 };
  const strengths: number[] = [];
  const client = {
    capabilities: { backend: "webgl", name: "A GPU", float32: true },
    stylize({ settings }: { settings: Settings }) {
      strengths.push(settings.strength);
      return {
        result: new Promise(() => {}),
        update: (changes: Partial<Settings>) => strengths.push(changes.strength as number),
      };
    },
  } as unknown as PanelClient;
  const run = startRun(
    { content: source, styles: [{ picture: source, weight: 1 }], settings: { ...DEFAULT_SETTINGS, strength: 10 } },
    {},
    {
      open: async () => client,
      limit: (settings) => settings,
      inTurn: (work) => work(),
      learn() {},
      measure: false,
    },
  );
  // Past the settings of the start.
  await new Promise((resolve) => setTimeout(resolve, 20));
  run.update({ strength: 90 });
  decoding.finish(picture);
  await vi.waitFor(() => expect(strengths.length).toBeGreaterThan(0));
  expect(strengths.at(-1)).toBe(90);
});
