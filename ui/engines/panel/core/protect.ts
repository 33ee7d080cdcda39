// Parts of a picture that stay as they were, as native/image/protect. Masks are [H, W], pictures [H, W, 3].

/** Four steps of 8 bits. */
const SNAP = 4 / 255;

/** What is nearly white or black in the mask is white or black; copies. */
export function snapEnds(mask: Float32Array): Float32Array {
  return mask.map((value) => (value <= SNAP ? 0 : value >= 1 - SNAP ? 1 : value));
}

/** The painted picture with the original where the mask is white, to the bit; copies. */
export function putBack(original: Float32Array, mask: Float32Array, painted: Float32Array): Float32Array {
  return painted.map((value, i) => {
    const kept = mask[Math.floor(i / 3)] as number;
    const before = original[i] as number;
    if (kept === 0) return value;
    return kept === 1 ? before : value + kept * (before - value);
  });
}

/** Of what may move, [H, W, 3] or [H, W], as much as the mask leaves; copies. */
export function holdBack(mask: Float32Array, values: Float32Array): Float32Array {
  const channels = values.length / mask.length;
  return values.map((value, i) => value * (1 - (mask[Math.floor(i / channels)] as number)));
}
