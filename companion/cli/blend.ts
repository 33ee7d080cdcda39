// --blend: the share of each style where several are taken together.

import { ImpastoError } from "../protocol/errors.ts";
import { toNumber } from "./setting-flags.ts";

export const BLEND_FLAG = ["--blend <n,…>", "the share of each style, in their order (default: equal)"] as const;

export function weightsOf(styles: readonly string[], blend: number[] | undefined): number[] {
  if (blend === undefined) return styles.map(() => 1);
  if (blend.length !== styles.length) {
    throw new ImpastoError(
      "bad-request",
      `Expected ${styles.length} numbers for --blend but received ${blend.length}.`,
      {
        hint: "Give one for each style, in their order: --blend 2,1",
      },
    );
  }
  return blend;
}

export function parseBlend(text: string): number[] {
  const weights = text.split(",").map(toNumber);
  const numbers = weights.filter((weight) => typeof weight === "number" && weight >= 0 && weight <= 1e6);
  if (numbers.length === weights.length && numbers.some((weight) => weight !== 0)) return numbers as number[];
  throw new ImpastoError("bad-request", `Expected numbers from 0, not all 0, for --blend but received ${text}.`);
}
