// Seeded numbers, as native/base/random: the same seed gives the same ones in both engines.

export class Random {
  /** In (0, 1]. */
  readonly uniform: () => number;

  constructor(seed: number) {
    this.uniform = splitMix64(seed);
  }

  /** Around 0 (Box & Muller 1958, one of the pair). */
  normal(deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    return deviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** A number of 64 bits as two of 32. */
type Words = [high: number, low: number];

/** SplitMix64 (Steele, Lea & Flood 2014): numbers in (0, 1]. BigInt would take ten times as long. */
function splitMix64(seed: number): () => number {
  let state: Words = [0, seed >>> 0];
  return () => {
    state = add(state, [0x9e3779b9, 0x7f4a7c15]);
    let z = multiply(xorShift(state, 30), [0xbf58476d, 0x1ce4e5b9]);
    z = multiply(xorShift(z, 27), [0x94d049bb, 0x133111eb]);
    const [high, low] = xorShift(z, 31);
    // The upper 53 bits, plus one.
    return ((high >>> 11) * 2 ** 32 + (((high << 21) | (low >>> 11)) >>> 0) + 1) * 2 ** -53;
  };
}

function add([aHigh, aLow]: Words, [bHigh, bLow]: Words): Words {
  const low = aLow + bLow;
  return [(aHigh + bHigh + (low >= 2 ** 32 ? 1 : 0)) >>> 0, low >>> 0];
}

/** z ^ (z >> bits), for fewer than 32 bits. */
function xorShift([high, low]: Words, bits: number): Words {
  return [(high ^ (high >>> bits)) >>> 0, (low ^ ((low >>> bits) | (high << (32 - bits)))) >>> 0];
}

/** The lower 64 bits of the product. */
function multiply([aHigh, aLow]: Words, [bHigh, bLow]: Words): Words {
  const high = upperHalf(aLow, bLow) + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh);
  return [high >>> 0, Math.imul(aLow, bLow) >>> 0];
}

/** The upper 32 of the 64 bits of a product, by halves that a double holds exactly. */
function upperHalf(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const rest = aLow * bHigh + (middle % 0x10000);
  return aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(rest / 0x10000);
}
