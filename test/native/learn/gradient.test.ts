// The gradient of a lesson with respect to the detailer's filters, against differences of the loss itself.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadAddon } from "../../../native/binding/load.ts";
import type { Own } from "../../../native/binding/types.ts";
import { createRandom } from "../../companion/networks/synthetic.ts";
import { makeDetailer, writeDetailer } from "../support/detailer.ts";
import { randomPicture } from "../support/objective.ts";
import { NETWORK } from "../support/run.ts";

const folder = mkdtempSync(join(tmpdir(), "impasto-learn-"));
afterAll(() => rmSync(folder, { recursive: true }));
const DETAILER = writeDetailer(join(folder, "detailer.safetensors"), makeDetailer());
const LESSON = {
  networkPath: NETWORK,
  detailerPath: DETAILER,
  style: randomPicture(160, 120, 3),
  content: randomPicture(160, 160, 1),
  draft: randomPicture(80, 80, 2),
  seed: 4,
  threads: 2,
};

/** The order of kinds: all filters, as scales and shifts, as a bank; the third convolution has what it reads from below, too. */
const OWNS = ["filters", "cin", "stylebank"] as const;
const BANK = 2;
const study = (own: Own, values: Float32Array | null) =>
  loadAddon().studyLesson({ ...LESSON, own, bank: BANK, values });

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

test.each(OWNS)(
  "the gradient is the loss's slope along any direction: %s",
  async (own) => {
    const { values: start } = await study(own, null);
    const away = createRandom(5);
    const values = start.map((value) => value * (1 + (away() - 0.5) / 5));
    const { gradient } = await study(own, values);
    const random = createRandom(11);
    const length = Math.sqrt(dot(gradient, gradient));
    expect(length).toBeGreaterThan(0);
    const directions = [
      gradient.map((value) => ((random() < 0.5 ? -1 : 1) * value) / length),
      values.map((_, i) => (Math.abs(gradient[i] as number) > 0 ? (random() - 0.5) / 40 : 0)),
    ];
    for (const direction of directions) {
      const step = 2e-3;
      const moved = (sign: number) => values.map((value, i) => value + sign * step * (direction[i] as number));
      const [ahead, behind] = [await study(own, moved(1)), await study(own, moved(-1))];
      const slope = (ahead.loss - behind.loss) / (2 * step);
      // The difference's own error: the loss's last digits over the step, 0.1 % of the smaller slope, and its curvature.
      expect(Math.abs(slope / dot(gradient, direction) - 1)).toBeLessThan(0.02);
    }
  },
  60_000,
);
