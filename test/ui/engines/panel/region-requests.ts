// Requests with masks, small enough for the panel's engine on a processor.

import type { Picture, StylizeRequest } from "../../../../companion/protocol/engine.ts";
import type { Settings } from "../../../../companion/protocol/settings.ts";
import { twinSettings, waves } from "./twin.ts";

export function gray(width: number, height: number, at: (x: number, y: number) => number): Picture {
  const plane = Float32Array.from({ length: width * height }, (_, i) =>
    at((i % width) / width, Math.floor(i / width) / height),
  );
  return { width, height, channels: 3, data: Float32Array.from([...plane, ...plane, ...plane]) };
}

/** Soft, and of other sizes than the picture. */
export const LEFT = gray(20, 7, (x) => Math.max(0, Math.min(1, 1.5 - 2 * x)));
export const RIGHT = gray(97, 61, (x) => (x < 0.4 ? 0 : 1));
export const MIDDLE = gray(31, 23, (x, y) => (Math.hypot(x - 0.5, y - 0.5) < 0.25 ? 1 : 0));

export function twoStyles(settings: Partial<Settings> = {}, masks: Partial<StylizeRequest> = {}): StylizeRequest {
  const [first, second] = [waves(40, 44, 1.7), waves(44, 36, 0.9)];
  return {
    content: waves(46, 46, 0.3),
    styles: [
      { picture: first, weight: 2, region: LEFT },
      { picture: second, weight: 1, region: RIGHT },
    ],
    settings: twinSettings({ styleLoss: "gram-normalized", firstIterations: 2, iterations: 2, ...settings }),
    ...masks,
  };
}

export const alone = (more: Partial<StylizeRequest["styles"][number]> = {}): Partial<StylizeRequest> => ({
  styles: [{ picture: waves(40, 44, 1.7), weight: 1, ...more }],
});
