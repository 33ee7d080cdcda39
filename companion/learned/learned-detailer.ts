// A detailer's file with what was learned in place of its own filters.

import { encodeSafetensors, parseFile, type Tensor } from "../networks/safetensors.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { convolutionsOf } from "./filter-tensors.ts";

/**
 * @param base the file that learning started from
 * @param filters all its tensors one after the other, by level from the deepest (Learned.filters of the engine)
 * @param facts about the learning, beside the base's own metadata
 */
export function makeLearnedDetailer(
  base: Uint8Array,
  filters: Float32Array,
  facts: Record<string, string>,
): Uint8Array {
  const { metadata, tensors: places } = parseFile(base);
  const tensors = new Map<string, Tensor>();
  let at = 0;
  for (const name of convolutionsOf(metadata.plan).flatMap((stem) => [`${stem}.weight`, `${stem}.bias`])) {
    const shape = places.get(name)?.shape ?? [];
    const count = shape.reduce((product, size) => product * size, 1);
    tensors.set(name, { shape, values: filters.subarray(at, at + count) });
    at += count;
  }
  if (at !== filters.length) {
    throw new ImpastoError("internal", `What was learned has ${filters.length} values where its file has ${at}.`);
  }
  return encodeSafetensors(tensors, { ...metadata, ...facts }, "fp16");
}
