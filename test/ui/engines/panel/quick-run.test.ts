// A quick picture by the panel's own engine, on TensorFlow.js for the CPU: its parts, its ends, and the native engine's look.

import { expect, test } from "vitest";
import type { StylizeRequest } from "../../../../companion/protocol/engine.ts";
import type { Progress } from "../../../../companion/protocol/progress.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { makeControl } from "../../../../ui/engines/panel/worker/control.ts";
import { expectQuickTwins, openQuickRun } from "./quick-twin.ts";
import { LEFT, MIDDLE, RIGHT } from "./region-requests.ts";
import { twinSettings, waves } from "./twin.ts";

function request(settings: Partial<Settings> = {}): StylizeRequest {
  const quick = { quality: "quick", size: 64, minScale: 32, firstIterations: 3, iterations: null } as const;
  return {
    content: waves(64, 48, 0),
    styles: [
      { picture: waves(50, 44, 2), weight: 2 },
      { picture: waves(40, 56, 4), weight: 1 },
    ],
    settings: twinSettings({ ...quick, ...settings }),
  };
}

async function paint(settings: Partial<Settings> = {}) {
  const progress: Progress[] = [];
  const result = await openQuickRun(request(settings), { progress: (next) => progress.push(next) }).run();
  return { result, progress };
}

test("is the native engine's: a draft, detailed, polished a little, and recolored", async () => {
  await expectQuickTwins(request({ iterations: 2, colors: "keep-linear", strength: 20 }));
});

test("is the native engine's: gone over between its doublings", async () => {
  const fractions: number[] = [];
  const result = await expectQuickTwins(request({ size: 130, middleIterations: 1, strength: 70 }), {
    progress: ({ fraction }) => fractions.push(fraction),
  });
  expect(result.iterations).toBe(4);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
});

test("is the native engine's with regions, a source, a protected part, and a style for some layers", async () => {
  const plain = request({ colors: "keep-linear" });
  const [first, second] = plain.styles as [StylizeRequest["styles"][number], StylizeRequest["styles"][number]];
  await expectQuickTwins({
    ...plain,
    styles: [
      { ...first, region: LEFT, source: MIDDLE },
      { ...second, region: RIGHT },
      { ...second, region: RIGHT, layers: ["relu1_1"], picture: waves(44, 36, 0.9) },
    ],
    protect: MIDDLE,
  });
});

test("says what it is doing, and how far it is", async () => {
  const { progress, result } = await paint();
  expect([...new Set(progress.map(({ phase }) => phase))]).toEqual(["draft", "detail"]);
  const fractions = progress.map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);
  expect(result.iterations).toBe(3);
  expect(result.picture.data.every((value) => value >= 0 && value <= 1)).toBe(true);
});

test("leaves the content as it is at strength 0", async () => {
  const { result } = await paint({ strength: 0 });
  expect([...result.picture.data]).toEqual([...request().content.data]);
});

test("ends early with what it has come to, at the result's size", async () => {
  const control = makeControl();
  const result = await openQuickRun(request(), { progress: () => control.stop() }, control).run();
  expect(result).toMatchObject({ stopped: true, picture: { width: 64, height: 48 } });
});

test("drafts anew when the strength changes behind the draft", async () => {
  const control = makeControl();
  const drafts: number[] = [];
  const progress = ({ phase, totalIteration }: Progress) => {
    if (phase !== "draft") return;
    drafts.push(totalIteration);
    if (drafts.length === 3) queueMicrotask(() => control.update({ strength: 90 }));
  };
  await openQuickRun(request(), { progress }, control).run();
  expect(drafts).toEqual([1, 2, 3, 1, 2, 3]);
});
