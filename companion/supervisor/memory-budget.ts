// How much memory a run may take. The plan says what it should need; one that takes more than twice as much has gone
// wrong, and is ended before the machine swaps and the system picks its victim.

import { ImpastoError } from "../protocol/errors.ts";
import type { Plan } from "../protocol/plan.ts";

export interface MemoryBudget {
  /** Resident bytes of the process above which the run is ended. */
  limitBytes: number;
  /** Long side of a result that needs about a quarter, in px. */
  smallerSize: number;
}

const TOLERANCE = 2;
/** For what the plan leaves out: decoding 64 megapixels, encoding the result, previews (empirical). */
const PICTURES_BYTES = 512 * 1024 ** 2;
/** Sizes are suggested in steps of so many px. */
const SIZE_STEP = 64;

/** `restingBytes`: resident bytes of the process before the run. */
export function memoryBudget(plan: Plan, restingBytes: number): MemoryBudget {
  const half = Math.max(plan.width, plan.height) / 2;
  const smaller = Math.min(half, plan.largestSize);
  return {
    limitBytes: restingBytes + TOLERANCE * plan.peakBytes + PICTURES_BYTES,
    smallerSize: Math.max(SIZE_STEP, Math.floor(smaller / SIZE_STEP) * SIZE_STEP),
  };
}

/** "out-of-memory", when the process holds more than the run may take; null when all is well. */
export function overBudget({ limitBytes, smallerSize }: MemoryBudget, residentBytes: number): ImpastoError | null {
  if (residentBytes <= limitBytes) return null;
  return new ImpastoError("out-of-memory", "The work took far more memory than it should, so it was ended.", {
    hint: `Try a size of ${smallerSize} or less.`,
    cause: `${residentBytes} bytes resident, ${limitBytes} allowed`,
  });
}
