// The panel's own engine does what the native one does, file by file of the same name: resizing, holes and the
// optimizer; losses, gradients and a whole run stand in native-twin.slow.test.ts.

import { describe, expect, test } from "vitest";
import type { Picture } from "../../../../../companion/protocol/engine.ts";
import { loadAddon } from "../../../../../native/binding/load.ts";
import { splitAlpha } from "../../../../../ui/engines/panel/core/holes.ts";
import { resize, resizeImage, toInterleaved, toPicture } from "../../../../../ui/engines/panel/core/image.ts";
import { Lbfgs } from "../../../../../ui/engines/panel/core/optimizer.ts";
import { randomPicture } from "../../../../native/support/objective.ts";

describe("resizing", () => {
  test.each([
    [33, 25, 48, 36],
    [48, 36, 33, 25],
    [64, 40, 21, 50],
  ])("%i × %i to %i × %i is the native engine's", (width, height, toWidth, toHeight) => {
    const picture = randomPicture(width, height, 3);
    const native = loadAddon().resizePicture(picture, toWidth, toHeight).data;
    const to = { width: toWidth, height: toHeight };
    const data = resize(toInterleaved(picture).data, 3, picture, to);
    const own = toPicture({ ...to, data, alpha: null }).data;
    // The addon's hook keeps what it resized in 0 … 1.
    const worst = own.reduce((most, value, i) => {
      const clamped = Math.min(1, Math.max(0, value));
      return Math.max(most, Math.abs(clamped - Math.min(1, Math.max(0, native[i] as number))));
    }, 0);
    expect(worst).toBeLessThan(1e-5);
  });
});

describe("the colors under transparent pixels", () => {
  test.each([
    [40, 30, 40, 30],
    [41, 33, 20, 16],
  ])("of %i × %i at %i × %i are the native engine's", (width, height, toWidth, toHeight) => {
    const { data } = randomPicture(width, height, 5);
    // A disc with a soft edge; what lies outside is black, as exports have it.
    const alpha = Float32Array.from({ length: width * height }, (_, i) => {
      const away = Math.hypot((i % width) - width / 2, Math.floor(i / width) - height / 2);
      return Math.min(1, Math.max(0, 9 - away));
    });
    const planar = Float32Array.from([
      ...data.map((value, i) => ((alpha[i % alpha.length] as number) > 0 ? value : 0)),
      ...alpha,
    ]);
    const picture: Picture = { width, height, channels: 4, data: planar };
    const native = loadAddon().resizePicture(picture, toWidth, toHeight).data;
    const own = toPicture(resizeImage(splitAlpha(picture), { width: toWidth, height: toHeight })).data;
    expect(own.length).toBe(native.length);
    const worst = own.reduce((most, value, i) => Math.max(most, Math.abs(value - (native[i] as number))), 0);
    expect(worst).toBeLessThan(1e-5);
    const corner = [0, 1, 2].map((c) => own[c * toWidth * toHeight] as number);
    for (const value of corner) expect(value).toBeGreaterThan(0.1);
  });
});

describe("L-BFGS", () => {
  test("takes the native engine's steps", async () => {
    const size = { width: 12, height: 9 };
    const plane = size.width * size.height;
    /** ½ Σ k (x − c)² over planar [3, H, W]. */
    const evaluate = (x: Float32Array) => {
      const curvature = (i: number) => 1 + (i % 7);
      const difference = (i: number) => (x[i] as number) - (0.5 + 0.6 * Math.sin(i));
      const value = x.reduce((sum, _, i) => sum + 0.5 * curvature(i) * difference(i) ** 2, 0);
      return { value, gradient: x.map((_, i) => curvature(i) * difference(i)) };
    };
    const start = new Float32Array(3 * plane).fill(0.5);
    const options = { optimizer: "lbfgs" as const, history: 10, stepSize: 0.02, iterations: 12 };
    const native = loadAddon().minimize({ ...options, ...size, x: start }, evaluate);

    const planar = (x: Float32Array) => toPicture({ ...size, data: x, alpha: null }).data;
    const interleaved = (data: Float32Array) => toInterleaved({ ...size, channels: 3, data }).data;
    const lbfgs = new Lbfgs(options.history, size);
    const x = interleaved(start);
    const values: number[] = [];
    for (let i = 0; i < options.iterations; i++) {
      const step = await lbfgs.step(async (at) => {
        const { value, gradient } = evaluate(planar(at));
        return { value, gradient: interleaved(gradient) };
      }, x);
      values.push(step.value);
    }
    values.forEach((value, i) => {
      expect(Math.abs(value / (native.values[i] as number) - 1), `step ${i}`).toBeLessThan(1e-3);
    });
  });
});
