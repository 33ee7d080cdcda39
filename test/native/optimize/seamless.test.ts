// Seamless results: what lies across the border is as alike as neighbors elsewhere.

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Picture } from "../../../companion/protocol/engine.ts";
import type { Settings } from "../../../companion/protocol/settings.ts";
import { stylize } from "../../../native/binding/binding.ts";
import { waves } from "../../ui/engines/panel/twin.ts";
import { smallRequest } from "../support/run.ts";

const SLIM = fileURLToPath(new URL("../../../native/networks/vgg19-slim.safetensors", import.meta.url));

/** A texture from noise and the style alone, over two scales. */
async function texture(seamless: Settings["seamless"]): Promise<Picture> {
  const request = smallRequest({ init: "noise", contentWeight: 0, minScale: 40, firstIterations: 25, seamless });
  const { result } = stylize({ ...request, styles: [{ picture: waves(61, 57, 0.4), weight: 1 }], networkPath: SLIM });
  return (await result).picture;
}

/**
 * Difference between columns, or rows, that are neighbors: over the border, and within the picture, in the mean and at most.
 */
function steps({ width, height, data }: Picture, axis: "x" | "y") {
  const length = axis === "x" ? width : height;
  const lines = Array.from({ length }, () => 0);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    const at = axis === "x" ? x : y;
    const next = axis === "x" ? i - x + ((x + 1) % width) : i + (y === height - 1 ? -(height - 1) : 1) * width;
    lines[at] = (lines[at] as number) + Math.abs((data[next] as number) - (data[i] as number));
  }
  const within = lines.slice(0, -1);
  const inside = within.reduce((sum, step) => sum + step, 0) / (length - 1);
  return { border: lines[length - 1] as number, inside, most: Math.max(...within) };
}

test("a seamless texture has no larger step over its border than within", async () => {
  const seamless = await texture("both");
  for (const axis of ["x", "y"] as const) {
    const { border, inside } = steps(seamless, axis);
    expect(border / inside, axis).toBeLessThan(1.4);
  }
  const plain = await texture("off");
  const { border, inside } = steps(plain, "x");
  expect(border / inside).toBeGreaterThan(2);
}, 60_000);

test("a photograph fits together with itself as well, whatever stands at its sides", async () => {
  // Waves of color, darker to the right and to the bottom: a step at each border.
  const content = waves(64, 48, 1.7);
  content.data.forEach((value, i) => {
    content.data[i] = value * (1 - 0.4 * ((i % 64) / 64) - 0.4 * ((Math.floor(i / 64) % 48) / 48));
  });
  const request = {
    ...smallRequest({ minScale: 40, firstIterations: 25, seamless: "both" }),
    content,
    networkPath: SLIM,
  };
  const { picture } = await stylize(request).result;
  for (const axis of ["x", "y"] as const) {
    const [before, after] = [steps(content, axis), steps(picture, axis)];
    expect(before.border / before.most, axis).toBeGreaterThan(1.5);
    // Measured: 1.0 and 1.1; 1.9 from top to bottom where the content's sides are left as they are.
    expect(after.border / after.most, axis).toBeLessThan(1.4);
  }
  const still = { ...request, settings: { ...request.settings, strength: 0 } };
  expect((await stylize(still).result).picture.data).toEqual(content.data);
}, 60_000);

test("one direction leaves the other alone", async () => {
  const picture = await texture("horizontal");
  expect(steps(picture, "x").border / steps(picture, "x").inside).toBeLessThan(1.4);
  expect(steps(picture, "y").border / steps(picture, "y").inside).toBeGreaterThan(2);
}, 60_000);
