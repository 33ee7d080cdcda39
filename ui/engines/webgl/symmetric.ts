// Eigenvalues and eigenvectors of a symmetric matrix, on the CPU in double precision: cyclic Jacobi rotations
// (Golub & Van Loan, Matrix Computations, 8.5). For matrices of a few hundred rows, once for each style layer.

/** Rotations of a whole sweep stop when what stands off the diagonal is this part of the matrix. */
const CONVERGED = 1e-12;
const MOST_SWEEPS = 30;

export interface Eigen {
  values: Float64Array;
  /** Row k belongs to values[k]; orthonormal. */
  vectors: Float64Array;
}

/** matrix: [n, n], row by row, symmetric; copied. */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = Float64Array.from(matrix);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const size = Math.sqrt(a.reduce((sum, x) => sum + x * x, 0));
  for (let sweep = 0; sweep < MOST_SWEEPS && offDiagonal(a, n) > CONVERGED * size; sweep++) {
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
    }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number), vectors };
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (i !== j) sum += (a[i * n + j] as number) ** 2;
  }
  return Math.sqrt(sum);
}

/** Makes a[p, q] zero: A → Jᵀ A J, and the rows of V turn along. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q] as number;
  if (apq === 0) return;
  const theta = ((a[q * n + q] as number) - (a[p * n + p] as number)) / (2 * apq);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q, cosine, sine);
  for (let k = 0; k < n; k++) {
    turn(a, p * n + k, q * n + k, cosine, sine);
    turn(vectors, p * n + k, q * n + k, cosine, sine);
  }
}

function turn(values: Float64Array, i: number, j: number, cosine: number, sine: number): void {
  const x = values[i] as number;
  const y = values[j] as number;
  values[i] = cosine * x - sine * y;
  values[j] = sine * x + cosine * y;
}
