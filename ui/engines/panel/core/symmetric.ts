// Eigenvalues and eigenvectors of a symmetric matrix, on the CPU in double precision: Householder reflections to a
// tridiagonal matrix, then QL steps with implicit shifts (Golub & Van Loan, Matrix Computations, 8.3; EISPACK's tql2).
// For matrices of a few hundred rows, once for each style layer and scale.

/** Steps that one eigenvalue may take; three are usual. */
const MOST_STEPS = 60;

export interface Eigen {
  values: Float64Array;
  /** Row k belongs to values[k]; orthonormal. */
  vectors: Float64Array;
}

/** T = Q A Qᵀ */
interface Tridiagonal {
  diagonal: Float64Array;
  /** beside[i] stands between rows i and i + 1; the last one is 0. */
  beside: Float64Array;
  q: Float64Array;
}

/** matrix: [n, n], row by row, symmetric; copied. */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const { diagonal, beside, q } = tridiagonalize(Float64Array.from(matrix), n);
  for (let at = 0; at < n; at++) {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const end = endOfBlock(diagonal, beside, at, n);
      if (end === at) break;
      stepQl(diagonal, beside, q, at, end, n);
    }
  }
  return { values: diagonal, vectors: q };
}

/** `a` is used up. */
function tridiagonalize(a: Float64Array, n: number): Tridiagonal {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k + 2 < n; k++) {
    // The reflection 1 − 2 v vᵀ that leaves one number below the diagonal of column k; |v| = 1.
    let square = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[i * n + k] as number;
      square += (v[i] as number) ** 2;
    }
    const first = v[k + 1] as number;
    if (square === first * first) continue;
    const kept = first < 0 ? Math.sqrt(square) : -Math.sqrt(square);
    v[k + 1] = first - kept;
    const length = Math.sqrt(square - 2 * first * kept + kept * kept);
    for (let i = k + 1; i < n; i++) v[i] = (v[i] as number) / length;
    reflectBothSides(a, v, w, k + 1, n);
    a[(k + 1) * n + k] = kept;
    reflectRows(q, v, w, k + 1, n);
  }
  return {
    diagonal: Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number),
    beside: Float64Array.from({ length: n }, (_, i) => (i + 1 < n ? (a[(i + 1) * n + i] as number) : 0)),
    q,
  };
}

/** A → P A P with P = 1 − 2 v vᵀ, over the rows and columns from `begin`; w is room to work in. */
function reflectBothSides(a: Float64Array, v: Float64Array, w: Float64Array, begin: number, n: number): void {
  let along = 0;
  for (let i = begin; i < n; i++) {
    let sum = 0;
    for (let j = begin; j < n; j++) sum += (a[i * n + j] as number) * (v[j] as number);
    w[i] = 2 * sum;
    along += sum * (v[i] as number);
  }
  for (let i = begin; i < n; i++) w[i] = (w[i] as number) - 2 * along * (v[i] as number);
  for (let i = begin; i < n; i++) {
    const vi = v[i] as number;
    const wi = w[i] as number;
    for (let j = begin; j < n; j++) {
      a[i * n + j] = (a[i * n + j] as number) - vi * (w[j] as number) - wi * (v[j] as number);
    }
  }
}

/** Q → P Q */
function reflectRows(q: Float64Array, v: Float64Array, w: Float64Array, begin: number, n: number): void {
  w.fill(0);
  for (let i = begin; i < n; i++) {
    const twice = 2 * (v[i] as number);
    for (let j = 0; j < n; j++) w[j] = (w[j] as number) + twice * (q[i * n + j] as number);
  }
  for (let i = begin; i < n; i++) {
    const vi = v[i] as number;
    for (let j = 0; j < n; j++) q[i * n + j] = (q[i * n + j] as number) - vi * (w[j] as number);
  }
}

/** The last row of the block that begins at row `at`: what stands beside it is as good as zero. */
function endOfBlock(diagonal: Float64Array, beside: Float64Array, at: number, n: number): number {
  let end = at;
  while (end + 1 < n) {
    const size = Math.abs(diagonal[end] as number) + Math.abs(diagonal[end + 1] as number);
    if (Math.abs(beside[end] as number) <= Number.EPSILON * size) break;
    end++;
  }
  return end;
}

/** One step with Wilkinson's shift over rows at … end; the rows of q turn along. */
function stepQl(d: Float64Array, e: Float64Array, q: Float64Array, at: number, end: number, n: number): void {
  const [first, off] = [d[at] as number, e[at] as number];
  const half = ((d[at + 1] as number) - first) / (2 * off);
  let g = (d[end] as number) - first + off / (half + (half < 0 ? -1 : 1) * Math.sqrt(half * half + 1));
  let sine = 1;
  let cosine = 1;
  let shift = 0;
  for (let i = end - 1; i >= at; i--) {
    const f = sine * (e[i] as number);
    const b = cosine * (e[i] as number);
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      // The block falls apart here.
      d[i + 1] = (d[i + 1] as number) - shift;
      e[end] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    const next = (d[i + 1] as number) - shift;
    const s = ((d[i] as number) - next) * sine + 2 * cosine * b;
    shift = sine * s;
    d[i + 1] = next + shift;
    g = cosine * s - b;
    turnRows(q, i * n, n, cosine, sine);
  }
  d[at] = (d[at] as number) - shift;
  e[at] = g;
  e[end] = 0;
}

/** The row that begins at `row`, and the one after it. */
function turnRows(q: Float64Array, row: number, n: number, cosine: number, sine: number): void {
  for (let k = row; k < row + n; k++) {
    const upper = q[k] as number;
    const lower = q[k + n] as number;
    q[k] = cosine * upper - sine * lower;
    q[k + n] = sine * upper + cosine * lower;
  }
}
