// The panel's eigenvalues: by hand, and a matrix of features' size put together again.

import { describe, expect, test } from "vitest";
import { symmetricEigen } from "../../../../../ui/engines/panel/core/symmetric.ts";
import { randomNumbers } from "../../../../native/support/objective.ts";

const at = (numbers: Float64Array, index: number) => numbers[index] as number;

describe("eigenvalues of a symmetric matrix", () => {
  test("are 1 and 3 for [[2, 1], [1, 2]]", () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values].sort()).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
    for (const x of vectors) expect(Math.abs(x)).toBeCloseTo(Math.SQRT1_2, 12);
  });

  test("are those on the diagonal where nothing else is, zeros too", () => {
    expect([...symmetricEigen(Float64Array.of(5), 1).values]).toEqual([5]);
    expect([...symmetricEigen(Float64Array.of(3, 0, 0, 0, 0, 0, 0, 0, 2), 3).values].sort()).toEqual([0, 2, 3]);
    expect([...symmetricEigen(new Float64Array(16), 4).values]).toEqual([0, 0, 0, 0]);
  });

  test("are exact to the smallest where they are a millionth of the largest", () => {
    // Q diag(λ) Qᵀ with the reflection Q = 1 − 2 v vᵀ.
    const wanted = [1e-6, 1e-3, 1, 1e-6, 7];
    const n = wanted.length;
    const v = [1, 2, -1, 0.5, 3];
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const q = (i: number, j: number) => (i === j ? 1 : 0) - (2 * (v[i] as number) * (v[j] as number)) / square;
    const matrix = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return wanted.reduce((sum, value, k) => sum + value * q(i, k) * q(j, k), 0);
    });
    const values = [...symmetricEigen(matrix, n).values].sort((a, b) => a - b);
    const sorted = [...wanted].sort((a, b) => a - b);
    for (let i = 0; i < n; i++) expect(values[i]).toBeCloseTo(sorted[i] as number, 13);
  });

  test("give the matrix back, also where most of them are zero", () => {
    const n = 48;
    const random = randomNumbers(5);
    const factors = Float64Array.from({ length: 7 * n }, () => random() - 0.5);
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < 7; k++) sum += at(factors, k * n + i) * at(factors, k * n + j);
        matrix[i * n + j] = sum;
      }
    }
    const { values, vectors } = symmetricEigen(matrix, n);
    expect(values.filter((value) => Math.abs(value) > 1e-9)).toHaveLength(7);
    let worst = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += at(values, k) * at(vectors, k * n + i) * at(vectors, k * n + j);
        worst = Math.max(worst, Math.abs(sum - at(matrix, i * n + j)));
      }
    }
    expect(worst).toBeLessThan(1e-10);
  });
});
