// What the numbers of a picture mean: a curve for each channel and the place of its primaries, as a way to sRGB.
// Bradford adaptation to D50 (ICC.1 annex E), as profiles do; colors that sRGB does not have are cut off by channel, as browsers do.

/** Encoded 0 … 1 → linear light 0 … 1. */
export type Curve = (encoded: number) => number;

/** Row by row. */
export type Matrix = readonly [number, number, number, number, number, number, number, number, number];
export type Triple = readonly [number, number, number];

export interface ColorSpace {
  curves: readonly [Curve, Curve, Curve];
  /** Linear RGB → XYZ under D50. */
  toXyz: Matrix;
}

/** x, y of red, green, blue and white. */
export type Chromaticities = readonly [number, number, number, number, number, number, number, number];

export const D65 = [0.3127, 0.329] as const;
export const SRGB_PRIMARIES: Chromaticities = [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, ...D65];

const D50: Triple = [0.9642, 1, 0.8249];
/** Cone responses (Lam 1985). */
const BRADFORD: Matrix = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];

/** IEC 61966-2-1. */
export const srgbCurve: Curve = (x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);

/** Its inverse: linear 0 … 1 → encoded 0 … 1. */
export function encodeSrgb(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

export function gammaCurve(exponent: number): Curve {
  return exponent === 1 ? (x) => x : (x) => x ** exponent;
}

/** Null where three primaries and a white make no color space. */
export function spaceOf(chromaticities: Chromaticities, curve: Curve): ColorSpace | null {
  const toXyz = primariesToXyz(chromaticities);
  return toXyz === null ? null : { curves: [curve, curve, curve], toXyz };
}

/** Linear RGB → XYZ under D50. */
function primariesToXyz([xr, yr, xg, yg, xb, yb, xw, yw]: Chromaticities): Matrix | null {
  if (!(yw > 0)) return null;
  const white: Triple = [xw / yw, 1, (1 - xw - yw) / yw];
  const plain: Matrix = [xr, xg, xb, yr, yg, yb, 1 - xr - yr, 1 - xg - yg, 1 - xb - yb];
  const back = inverse(plain);
  const toCones = inverse(BRADFORD);
  if (back === null || toCones === null) return null;
  const [r, g, b] = times(back, white);
  const toXyz = product(plain, [r, 0, 0, 0, g, 0, 0, 0, b]);
  const [own, wanted] = [times(BRADFORD, white), times(BRADFORD, D50)];
  const scaled = product([wanted[0] / own[0], 0, 0, 0, wanted[1] / own[1], 0, 0, 0, wanted[2] / own[2]], BRADFORD);
  const adapted = product(product(toCones, scaled), toXyz);
  return adapted.every(Number.isFinite) ? adapted : null;
}

const SRGB_TO_XYZ = primariesToXyz(SRGB_PRIMARIES) as Matrix;
const XYZ_TO_SRGB = inverse(SRGB_TO_XYZ) as Matrix;
/** For gray: no channel touches another. */
export const NEUTRAL_TO_XYZ = SRGB_TO_XYZ;

/** Linear RGB of the space → linear sRGB. */
export function matrixToSrgb({ toXyz }: ColorSpace): Matrix {
  return product(XYZ_TO_SRGB, toXyz);
}

/** True where the way to sRGB changes nothing that 8 bits show. */
export function isSrgb(space: ColorSpace): boolean {
  const halfAStep = 0.5 / 255;
  const matrix = matrixToSrgb(space);
  const probes: Triple[] = [];
  for (let i = 0; i <= 255; i++) probes.push([i / 255, i / 255, i / 255]);
  // Not the corners: cut off, those of larger spaces look like sRGB's.
  const level = (digit: number) => 0.2 + 0.3 * (Math.floor(digit) % 3);
  for (let i = 0; i < 27; i++) probes.push([level(i), level(i / 3), level(i / 9)]);
  return probes.every((probe) => {
    const linear: Triple = [space.curves[0](probe[0]), space.curves[1](probe[1]), space.curves[2](probe[2])];
    const seen = times(matrix, linear).map((value) => encodeSrgb(Math.min(1, Math.max(0, value))));
    return seen.every((value, i) => Math.abs(value - (probe[i] as number)) <= halfAStep);
  });
}

export function times(m: Matrix, [x, y, z]: Triple): Triple {
  return [m[0] * x + m[1] * y + m[2] * z, m[3] * x + m[4] * y + m[5] * z, m[6] * x + m[7] * y + m[8] * z];
}

function product(a: Matrix, b: Matrix): Matrix {
  const [p, q, r] = [times(a, [b[0], b[3], b[6]]), times(a, [b[1], b[4], b[7]]), times(a, [b[2], b[5], b[8]])];
  return [p[0], q[0], r[0], p[1], q[1], r[1], p[2], q[2], r[2]];
}

function inverse([a, b, c, d, e, f, g, h, i]: Matrix): Matrix | null {
  const [A, B, C] = [e * i - f * h, f * g - d * i, d * h - e * g];
  const s = 1 / (a * A + b * B + c * C);
  if (!Number.isFinite(s)) return null;
  return [
    ...[A * s, (c * h - b * i) * s, (b * f - c * e) * s],
    ...[B * s, (a * i - c * g) * s, (c * d - a * f) * s],
    ...[C * s, (b * g - a * h) * s, (a * e - b * d) * s],
  ] as unknown as Matrix;
}
