// ICC profiles made for tests (ICC.1:2022): matrix and curves, gray, and a lookup table, with any name.

/** x, y of red, green, blue and white. */
export type Chromaticities = readonly [number, number, number, number, number, number, number, number];

const D65 = [0.3127, 0.329] as const;
export const SRGB_PRIMARIES: Chromaticities = [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, ...D65];
export const P3_PRIMARIES: Chromaticities = [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, ...D65];
export const ADOBE_PRIMARIES: Chromaticities = [0.64, 0.33, 0.21, 0.71, 0.15, 0.06, ...D65];
export const PROPHOTO_PRIMARIES: Chromaticities = [0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001, 0.3457, 0.3585];

type Matrix = readonly [number, number, number, number, number, number, number, number, number];
const D50 = [0.9642, 1, 0.8249] as const;
/** Bradford's cone responses (Lam 1985). */
const BRADFORD: Matrix = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];

/** The `curv` or `para` tag of one channel. */
export function gammaCurve(gamma: number): Buffer {
  const bytes = Buffer.alloc(14);
  bytes.write("curv", "latin1");
  bytes.writeUInt32BE(1, 8);
  bytes.writeUInt16BE(Math.round(gamma * 256), 12);
  return bytes;
}

export function tableCurve(encodedToLinear: (x: number) => number, count = 1024): Buffer {
  const bytes = Buffer.alloc(12 + 2 * count);
  bytes.write("curv", "latin1");
  bytes.writeUInt32BE(count, 8);
  for (let i = 0; i < count; i++) {
    bytes.writeUInt16BE(Math.round(Math.min(1, encodedToLinear(i / (count - 1))) * 65_535), 12 + 2 * i);
  }
  return bytes;
}

/** `type` 0 … 4 with its one to seven parameters, as ICC.1 table 68 has them. */
export function parametricCurve(type: number, parameters: readonly number[]): Buffer {
  const bytes = Buffer.alloc(12 + 4 * parameters.length);
  bytes.write("para", "latin1");
  bytes.writeUInt16BE(type, 8);
  for (const [i, value] of parameters.entries()) bytes.writeInt32BE(Math.round(value * 65_536), 12 + 4 * i);
  return bytes;
}

export const SRGB_CURVE = parametricCurve(3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]);
export const IDENTITY_CURVE = Buffer.from("curv\0\0\0\0\0\0\0\0", "latin1");

interface ProfileOptions {
  name?: string;
  version?: 2 | 4;
}

export function rgbProfile(primaries: Chromaticities, curve: Buffer, options: ProfileOptions = {}): Buffer {
  const columns = toD50(primaries);
  const xyz = (c: 0 | 1 | 2) => xyzTag([columns[c], columns[3 + c], columns[6 + c]] as [number, number, number]);
  const tags = { rXYZ: xyz(0), gXYZ: xyz(1), bXYZ: xyz(2), rTRC: curve, gTRC: curve, bTRC: curve };
  return profile("RGB ", "XYZ ", tags, options);
}

export function grayProfile(curve: Buffer, options: ProfileOptions = {}): Buffer {
  return profile("GRAY", "XYZ ", { kTRC: curve }, options);
}

export function srgbToLinear(x: number): number {
  return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
}

function profile(
  space: string,
  connection: string,
  tags: Record<string, Buffer>,
  { name = "made for a test", version = 2 }: ProfileOptions,
): Buffer {
  const all = Object.entries({
    desc: textTag(name, version),
    cprt: textTag("none", version),
    wtpt: xyzTag(D50),
    ...tags,
  });
  const head = Buffer.alloc(128 + 4 + 12 * all.length);
  const parts: Buffer[] = [head];
  let end = head.length;
  for (const [i, [tag, data]] of all.entries()) {
    const padded = Buffer.concat([data, Buffer.alloc(-data.length & 3)]);
    head.write(tag, 132 + 12 * i, "latin1");
    head.writeUInt32BE(end, 136 + 12 * i);
    head.writeUInt32BE(data.length, 140 + 12 * i);
    parts.push(padded);
    end += padded.length;
  }
  head.writeUInt32BE(end, 0);
  head.writeUInt32BE(version === 2 ? 0x02400000 : 0x04400000, 8);
  head.write(`mntr${space}${connection}`, 12, "latin1");
  head.write("acsp", 36, "latin1");
  for (const [i, value] of D50.entries()) head.writeInt32BE(Math.round(value * 65_536), 68 + 4 * i);
  head.writeUInt32BE(all.length, 128);
  return Buffer.concat(parts);
}

function textTag(text: string, version: 2 | 4): Buffer {
  if (version === 2) {
    const bytes = Buffer.alloc(12 + text.length + 1 + 78);
    bytes.write("desc", "latin1");
    bytes.writeUInt32BE(text.length + 1, 8);
    bytes.write(text, 12, "latin1");
    return bytes;
  }
  const utf16 = Buffer.from(text, "utf16le").swap16();
  const head = Buffer.alloc(28);
  head.write("mluc", "latin1");
  for (const [i, value] of [1, 12].entries()) head.writeUInt32BE(value, 8 + 4 * i);
  head.write("enUS", 16, "latin1");
  head.writeUInt32BE(utf16.length, 20);
  head.writeUInt32BE(28, 24);
  return Buffer.concat([head, utf16]);
}

function xyzTag(xyz: readonly [number, number, number]): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.write("XYZ ", "latin1");
  for (const [i, value] of xyz.entries()) bytes.writeInt32BE(Math.round(value * 65_536), 8 + 4 * i);
  return bytes;
}

/** Linear RGB → XYZ under D50, adapted by Bradford (ICC.1 annex E). */
function toD50([xr, yr, xg, yg, xb, yb, xw, yw]: Chromaticities): Matrix {
  const white = [xw / yw, 1, (1 - xw - yw) / yw] as const;
  const plain: Matrix = [
    xr / yr,
    xg / yg,
    xb / yb,
    1,
    1,
    1,
    (1 - xr - yr) / yr,
    (1 - xg - yg) / yg,
    (1 - xb - yb) / yb,
  ];
  const [sr, sg, sb] = times(inverse(plain), white);
  const rgb = plain.map((value, i) => value * ([sr, sg, sb][i % 3] as number)) as unknown as Matrix;
  const [cones, wanted] = [times(BRADFORD, white), times(BRADFORD, D50)];
  const scaled = BRADFORD.map(
    (value, i) => (value * (wanted[Math.floor(i / 3)] as number)) / (cones[Math.floor(i / 3)] as number),
  ) as unknown as Matrix;
  return product(product(inverse(BRADFORD), scaled), rgb);
}

function times(m: Matrix, [x, y, z]: readonly [number, number, number]): [number, number, number] {
  return [m[0] * x + m[1] * y + m[2] * z, m[3] * x + m[4] * y + m[5] * z, m[6] * x + m[7] * y + m[8] * z];
}

function product(a: Matrix, b: Matrix): Matrix {
  const column = (i: 0 | 1 | 2) => times(a, [b[i], b[3 + i] as number, b[6 + i] as number]);
  const [p, q, r] = [column(0), column(1), column(2)];
  return [p[0], q[0], r[0], p[1], q[1], r[1], p[2], q[2], r[2]];
}

function inverse([a, b, c, d, e, f, g, h, i]: Matrix): Matrix {
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const adjugate = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
  return adjugate.map((value) => value / det) as unknown as Matrix;
}
