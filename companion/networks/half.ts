// IEEE 754 binary16 ↔ binary32 for whole tensors: a table one way, round-to-nearest-even on the bits the other way.

let table: Float32Array | null = null;

function halfTable(): Float32Array {
  if (table !== null) return table;
  table = new Float32Array(65_536);
  for (let half = 0; half < 65_536; half++) {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) table[half] = sign * fraction * 2 ** -24;
    else if (exponent === 31) table[half] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else table[half] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return table;
}

/** A copy of `halves` in float32; exact. */
export function halvesToFloats(halves: Uint16Array): Float32Array {
  const values = halfTable();
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = values[halves[i] as number] as number;
  return floats;
}

/** True when one of them is an infinity or NaN. */
export function hasNonFiniteHalf(halves: Uint16Array): boolean {
  // An exponent of all ones carries into the sign's place; no branch per value.
  let carries = 0;
  for (let i = 0; i < halves.length; i++) carries |= ((halves[i] as number) & 0x7c00) + 0x400;
  return (carries & 0x8000) !== 0;
}

/** A copy of `floats` in binary16, rounded to nearest even; what is too large becomes an infinity. */
export function floatsToHalves(floats: Float32Array): Uint16Array {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < bits.length; i++) halves[i] = roundToHalf(bits[i] as number);
  return halves;
}

function roundToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x4780_0000) return sign | 0x7c00; // 65536 and above
  if (magnitude < 0x3300_0000) return sign; // below half of the smallest subnormal
  if (magnitude < 0x3880_0000) {
    // Subnormal: the implicit one becomes explicit, then everything shifts right.
    const shift = 126 - (magnitude >>> 23);
    return sign | roundShift((magnitude & 0x7f_ffff) | 0x80_0000, shift);
  }
  return sign | roundShift(magnitude - 0x3800_0000, 13);
}

/** value / 2^shift, to nearest, ties to even; a carry runs into the exponent, as it must. */
function roundShift(value: number, shift: number): number {
  const floor = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  return rest > tie || (rest === tie && (floor & 1) === 1) ? floor + 1 : floor;
}
