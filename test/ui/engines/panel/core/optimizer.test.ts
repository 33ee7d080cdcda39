// The panel engine's optimizers on functions whose minimum is known.

import { describe, expect, test } from "vitest";
import { resize } from "../../../../../ui/engines/panel/core/image.ts";
import {
  Adam,
  Lbfgs,
  type ObjectiveFunction,
  type Optimizer,
  type ResizeCanvas,
} from "../../../../../ui/engines/panel/core/optimizer.ts";
import { smoothOverScales } from "../../../../../ui/engines/panel/core/pyramid.ts";

/** Rosenbrock's valley, its minimum moved to (0.5, 0.25) so that it lies inside the box. */
const rosenbrock: ObjectiveFunction = async (x) => {
  const [a, b] = [(x[0] as number) * 2, (x[1] as number) * 4];
  const value = (1 - a) ** 2 + 100 * (b - a * a) ** 2;
  const slopeA = -2 * (1 - a) - 400 * a * (b - a * a);
  return { value, gradient: new Float32Array([2 * slopeA, 4 * 200 * (b - a * a)]) };
};

/** (x − c)² with c partly outside the box: the minimum lies on its border. */
const outside: ObjectiveFunction = async (x) => {
  const centers = [-0.5, 0.25, 1.5];
  const gradient = x.map((value, i) => 2 * (value - (centers[i] as number)));
  return { value: x.reduce((sum, value, i) => sum + (value - (centers[i] as number)) ** 2, 0), gradient };
};

/** These vectors are no pictures: too narrow to be smoothed. */
const NO_PICTURE = { width: 1, height: 1 };

async function minimize(optimizer: Optimizer, evaluate: ObjectiveFunction, start: number[], steps: number) {
  const x = new Float32Array(start);
  const values: number[] = [];
  for (let i = 0; i < steps; i++) values.push((await optimizer.step(evaluate, x)).value);
  return { x: [...x], values };
}

/** [side, side, 3] → [2 side, 2 side, 3] */
const doubled =
  (side: number): ResizeCanvas =>
  (canvas, filter) =>
    resize(canvas, 3, { width: side, height: side }, { width: 2 * side, height: 2 * side }, filter);

/** The mean over a picture's pixels of ½ k (x − c)², where c waves and k differs by channel: alike at every size. */
function meanOfSquares(side: number): ObjectiveFunction {
  const count = side * side * 3;
  const center = (i: number) => 0.5 + 0.3 * Math.sin((4 * Math.floor(i / 3)) / (side * side));
  const curvature = (i: number) => [1, 20, 400][i % 3] as number;
  return async (x) => {
    const difference = (i: number) => (x[i] as number) - center(i);
    const value = x.reduce((sum, _, i) => sum + 0.5 * curvature(i) * difference(i) ** 2, 0) / count;
    return { value, gradient: x.map((_, i) => (curvature(i) * difference(i)) / count) };
  };
}

describe("L-BFGS", () => {
  test("carries what it knows of the curvature to another size", async () => {
    const firstStep = async (carries: boolean): Promise<number> => {
      const lbfgs = new Lbfgs(10, { width: 4, height: 4 });
      const small = new Float32Array(4 * 4 * 3).fill(0.9);
      for (let i = 0; i < 8; i++) await lbfgs.step(meanOfSquares(4), small);
      lbfgs.resample({ width: 4, height: 4 }, { width: 8, height: 8 }, doubled(4));
      if (!carries) lbfgs.forget();
      return (await lbfgs.step(meanOfSquares(8), new Float32Array(8 * 8 * 3).fill(0.9))).value;
    };
    expect(await firstStep(true)).toBeLessThan(0.5 * (await firstStep(false)));
  });

  test("finds the bottom of Rosenbrock's valley", async () => {
    const { x } = await minimize(new Lbfgs(10, NO_PICTURE), rosenbrock, [0.1, 0.9], 80);
    expect(Math.abs((x[0] as number) - 0.5)).toBeLessThan(1e-3);
    expect(Math.abs((x[1] as number) - 0.25)).toBeLessThan(1e-3);
  });

  test("stops at the border of the box where the minimum lies outside", async () => {
    const { x } = await minimize(new Lbfgs(10, NO_PICTURE), outside, [0.5, 0.9, 0.5], 20);
    expect(x[0]).toBe(0);
    expect(x[1]).toBeCloseTo(0.25, 4);
    expect(x[2]).toBe(1);
  });

  test("never takes a worse point, also when the function gives NaN now and then", async () => {
    let calls = 0;
    const faulty: ObjectiveFunction = async (x) => {
      const good = await rosenbrock(x);
      return ++calls % 5 === 0 ? { value: Number.NaN, gradient: good.gradient } : good;
    };
    const { x, values } = await minimize(new Lbfgs(10, NO_PICTURE), faulty, [0.1, 0.9], 60);
    expect(x.every((value) => value >= 0 && value <= 1)).toBe(true);
    values.slice(1).forEach((value, i) => {
      expect(value).toBeLessThanOrEqual(values[i] as number);
    });
  });

  test("refuses a start whose loss is not a number", async () => {
    const nan: ObjectiveFunction = async (x) => ({ value: Number.NaN, gradient: x });
    await expect(new Lbfgs(10, NO_PICTURE).step(nan, new Float32Array([0.5]))).rejects.toThrow("not a number");
  });
});

describe("Adam", () => {
  test("walks to a minimum on the border", async () => {
    const { x } = await minimize(new Adam(0.02), outside, [0.5, 0.9, 0.5], 400);
    expect(x[0]).toBe(0);
    expect(x[1]).toBeCloseTo(0.25, 2);
    expect(x[2]).toBe(1);
  });

  test("carries its moments to another size", async () => {
    const adam = new Adam(0.01);
    const towardsZero: ObjectiveFunction = async (x) => ({ value: 0, gradient: x.map(() => 1) });
    const x = new Float32Array(4 * 4 * 3).fill(0.5);
    for (let i = 0; i < 5; i++) await adam.step(towardsZero, x);
    adam.resample({ width: 4, height: 4 }, { width: 8, height: 8 }, doubled(4));
    const larger = new Float32Array(8 * 8 * 3).fill(0.5);
    await adam.step(async (at) => ({ value: 0, gradient: at.map(() => 0) }), larger);
    expect(larger.every((value) => value < 0.5)).toBe(true);
  });

  test("takes no larger steps beside an edge of its gradient after that", async () => {
    const adam = new Adam(0.01);
    const edge = (width: number) =>
      Float32Array.from({ length: width * width * 3 }, (_, i) => (i % (width * 3) < 12 ? 1 : 0.1));
    const x = new Float32Array(8 * 8 * 3).fill(0.5);
    for (let i = 0; i < 20; i++) await adam.step(async () => ({ value: 0, gradient: edge(8) }), x);
    adam.resample({ width: 8, height: 8 }, { width: 16, height: 16 }, doubled(8));
    const larger = new Float32Array(16 * 16 * 3).fill(0.5);
    await adam.step(async (at) => ({ value: 0, gradient: at.map(() => 0.1) }), larger);
    expect(Math.max(...larger.map((value) => Math.abs(value - 0.5)))).toBeLessThan(0.02);
  });
});

describe("the smoothing map", () => {
  test.each([
    { width: 16, height: 12 },
    { width: 13, height: 9 },
  ])("is symmetric and positive at $width × $height", (size) => {
    const count = size.width * size.height * 3;
    const wave = (phase: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7 + phase));
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
    const [a, b] = [wave(0), wave(2)];
    const smoothA = smoothOverScales(a, size, 3, 1);
    expect(Math.abs(dot(smoothA, b) - dot(a, smoothOverScales(b, size, 3, 1)))).toBeLessThan(1e-3);
    expect(dot(smoothA, a)).toBeGreaterThan(0.99 * dot(a, a));
  });

  test("keeps a constant constant, and weighs it above noise", () => {
    const size = { width: 16, height: 16 };
    const smooth = smoothOverScales(new Float32Array(16 * 16 * 3).fill(1), size, 3, 1);
    expect(Math.max(...smooth) - Math.min(...smooth)).toBeLessThan(1e-5);
    expect(smooth[0]).toBeCloseTo(1 + 3, 4);
  });
});
