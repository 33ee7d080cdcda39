// The optimizers on functions whose minimum is known, inside the box [0, 1].

import { expect, test } from "vitest";
import { loadAddon } from "../../../native/binding/load.ts";

type Evaluate = (x: Float32Array) => { value: number; gradient: Float32Array };

function minimize(
  evaluate: Evaluate,
  x: number[],
  iterations: number,
  change: { optimizer?: "lbfgs" | "adam"; stepSize?: number } = {},
) {
  const options = { optimizer: "lbfgs" as const, history: 10, stepSize: 0.02, width: 0, height: 0, ...change };
  return loadAddon().minimize({ ...options, x: Float32Array.from(x), iterations }, evaluate);
}

/** Rosenbrock's valley moved into the box: minimum 0 at (0.75, 0.75). */
const rosenbrock: Evaluate = (point) => {
  const [p = 0, q = 0] = point;
  const a = 4 * p - 2;
  const b = 4 * q - 2;
  const value = (1 - a) ** 2 + 100 * (b - a * a) ** 2;
  const da = -2 * (1 - a) - 400 * a * (b - a * a);
  const db = 200 * (b - a * a);
  return { value, gradient: Float32Array.of(4 * da, 4 * db) };
};

/** ½ Σ kᵢ (xᵢ − cᵢ)² with centers partly outside the box: the minimum lies on its faces. */
function quadratic(centers: number[], curvatures: number[]): Evaluate {
  return (x) => {
    let value = 0;
    const gradient = new Float32Array(x.length);
    for (let i = 0; i < x.length; i++) {
      const difference = (x[i] as number) - (centers[i] as number);
      value += 0.5 * (curvatures[i] as number) * difference ** 2;
      gradient[i] = (curvatures[i] as number) * difference;
    }
    return { value, gradient };
  };
}

test("L-BFGS follows Rosenbrock's valley to its end", () => {
  const { x, values } = minimize(rosenbrock, [0.2, 0.75], 60);
  expect(values.at(-1)).toBeLessThan(1e-6);
  expect(x[0]).toBeCloseTo(0.75, 3);
  expect(x[1]).toBeCloseTo(0.75, 3);
});

test.each(["lbfgs", "adam"] as const)("%s finds the minimum of a quadratic on the box's faces", (optimizer) => {
  const centers = [-0.5, 0.3, 1.7, 0.9, -2, 0.5];
  const evaluate = quadratic(centers, [1, 10, 3, 0.5, 20, 5]);
  const { x } = minimize(evaluate, [0.5, 0.5, 0.5, 0.5, 0.5, 0.9], 400, { optimizer, stepSize: 0.01 });
  const expected = centers.map((center) => Math.min(1, Math.max(0, center)));
  for (const [i, value] of expected.entries()) expect(Math.abs((x[i] as number) - value), `x${i}`).toBeLessThan(5e-3);
});

test("a variable at a bound is let go when its gradient turns inwards", () => {
  // From the corner (0, 0): the minimum of this coupled quadratic is inside.
  const evaluate: Evaluate = ([a = 0, b = 0]) => {
    const value = (a - 0.6) ** 2 + (b - 0.4) ** 2 + 0.9 * (a - 0.6) * (b - 0.4);
    return {
      value,
      gradient: Float32Array.of(2 * (a - 0.6) + 0.9 * (b - 0.4), 2 * (b - 0.4) + 0.9 * (a - 0.6)),
    };
  };
  const { x } = minimize(evaluate, [0, 0], 20);
  expect(x[0]).toBeCloseTo(0.6, 3);
  expect(x[1]).toBeCloseTo(0.4, 3);
});

test("L-BFGS never returns a worse value than before, and keeps every iterate in the box", () => {
  const { values, x } = minimize(rosenbrock, [0, 1], 80);
  for (let i = 1; i < values.length; i++) {
    const before = values[i - 1] as number;
    expect((values[i] as number) - before).toBeLessThanOrEqual(1e-5 * Math.abs(before));
  }
  for (const value of x) expect(value >= 0 && value <= 1).toBe(true);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("L-BFGS steps back from %s and goes on", (poison) => {
  let calls = 0;
  const poisoned: Evaluate = (x) => {
    const answer = rosenbrock(x);
    calls++;
    return calls % 3 === 0 ? { value: poison, gradient: answer.gradient.fill(poison) } : answer;
  };
  const { x, values } = minimize(poisoned, [0.2, 0.75], 120);
  expect(values.every(Number.isFinite)).toBe(true);
  expect(x.every(Number.isFinite)).toBe(true);
  expect(values.at(-1)).toBeLessThan(1e-4);
});

test.each(["lbfgs", "adam"] as const)("%s refuses a start that has no value", (optimizer) => {
  const evaluate: Evaluate = (x) => ({ value: Number.NaN, gradient: new Float32Array(x.length) });
  expect(() => minimize(evaluate, [0.5, 0.5], 1, { optimizer })).toThrow(/not a number/);
});

test("a function that cannot be improved is left alone", () => {
  const { x } = minimize(() => ({ value: 1, gradient: Float32Array.of(0, 0) }), [0.25, 0.5], 5);
  expect([...x]).toEqual([0.25, 0.5]);
});

test("Adam's first step is its step size in every variable", () => {
  const evaluate = quadratic([0, 1], [1, 1000]);
  const { x } = minimize(evaluate, [0.5, 0.5], 1, { optimizer: "adam", stepSize: 0.02 });
  expect(x[0]).toBeCloseTo(0.48, 5);
  expect(x[1]).toBeCloseTo(0.52, 5);
});

test("starting from the smoothing map changes the path, not the minimum", () => {
  const width = 12;
  const height = 9;
  const count = 3 * width * height;
  const centers = Array.from({ length: count }, (_, i) => 0.5 + 0.4 * Math.sin(i));
  const evaluate = quadratic(
    centers,
    Array.from({ length: count }, (_, i) => 1 + (i % 7)),
  );
  const options = { optimizer: "lbfgs" as const, history: 10, stepSize: 0.02, width, height };
  const { x } = loadAddon().minimize({ ...options, x: new Float32Array(count).fill(0.5), iterations: 80 }, evaluate);
  for (const [i, center] of centers.entries()) expect(Math.abs((x[i] as number) - center)).toBeLessThan(2e-3);
});
