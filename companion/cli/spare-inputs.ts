// No result takes the place of a picture that it is made from, be it through a link.

import { isSameFile } from "../files.ts";
import { ImpastoError } from "../protocol/errors.ts";

/** @throws ImpastoError("bad-request") where one of the outputs is one of the inputs */
export async function spareInputs(
  outputs: readonly string[],
  inputs: readonly string[],
  hint = "Choose another name for the result.",
): Promise<void> {
  for (const output of outputs) {
    for (const input of inputs) {
      if (!(await isSameFile(output, input))) continue;
      throw new ImpastoError("bad-request", `${output} is one of the inputs and would be lost.`, { hint });
    }
  }
}
