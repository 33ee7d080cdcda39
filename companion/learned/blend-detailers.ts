// Several styles at once, learned ones among them: what was learned of each counts by the style's weight. Detailers that
// were learned from the same one lie close enough together that the mean of their filters paints a mean of their manners
// (as in the model soups of Wortsman et al. 2022); a style that nobody learned stands for the one that they came from.

import { decodeTensor, encodeSafetensors, parseFile, type Tensor } from "../networks/safetensors.ts";
import { ImpastoError } from "../protocol/errors.ts";

export interface DetailerShare {
  /** Of the detailer's file; null: the general one. */
  bytes: Uint8Array | null;
  /** Of the style, 0 or more; their sum is above 0. */
  weight: number;
}

/**
 * `general`: what counts for a style that nobody learned; the others may all come from an earlier one.
 * @throws ImpastoError("bad-network") where they do not belong together
 */
export function blendDetailers(shares: readonly DetailerShare[], general: Uint8Array): Uint8Array {
  const counting = shares.filter(({ weight }) => weight > 0);
  const [first, ...others] = counting;
  const like = first?.bytes ?? general;
  if (others.length === 0) return like;
  const sum = counting.reduce((total, { weight }) => total + weight, 0);
  const { metadata } = parseFile(like);
  const blended = new Map<string, Tensor>();
  for (const { bytes, weight } of counting) {
    const file = bytes ?? general;
    const { metadata: own, tensors, bodyOffset } = parseFile(file);
    if (own.encoder !== metadata.encoder || own.plan !== metadata.plan) throw strangers();
    for (const [name, info] of tensors) {
      const tensor = decodeTensor(name, info, file.subarray(bodyOffset + info.begin, bodyOffset + info.end));
      add(blended, name, tensor, weight / sum);
    }
  }
  return encodeSafetensors(blended, { ...metadata, name: "learned", learned: "blended" }, "fp16");
}

function add(blended: Map<string, Tensor>, name: string, { shape, values }: Tensor, share: number): void {
  const before = blended.get(name)?.values ?? new Float32Array(values.length);
  if (before.length !== values.length) throw strangers();
  blended.set(name, { shape, values: before.map((value, i) => value + share * (values[i] as number)) });
}

function strangers(): ImpastoError {
  return new ImpastoError("bad-network", "These styles were learned with different versions and cannot be blended.", {
    hint: "Learn them again with this one.",
  });
}
