// What to tell when a decoder gave up: damaged is only what is damaged; the decoder's own words are for --verbose.

import { isThreadRefusal, outOfThreads } from "../out-of-threads.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { badPicture, KindError } from "./headers/header.ts";
import { unsupportedKind } from "./read-header.ts";

const NO_MEMORY =
  /out of memory|not enough memory|cannot allocate|unable to allocate|failed to allocate|bad_alloc|memory limit|OOM/i;
const TOO_SLOW = /timeout/i;
const NOT_BUILT_IN =
  /(?:(\S+) )?compression support is not configured|compression scheme (\S+)|unsupported (?:compression|codec|feature)/i;
/** Of files in order; sharp's own "unsupported image format" stands for whatever no decoder could open. */
const NOT_DONE = /not (?:supported|implemented)|unsupported (?!image format)|not a whole number of bytes|out of range/i;

export function decodeFailure(name: string, error: unknown): ImpastoError {
  if (error instanceof ImpastoError) return error;
  if (error instanceof KindError) return unsupportedKind(name, error);
  if (isThreadRefusal(error)) return outOfThreads(error);
  const words = error instanceof Error ? error.message : String(error);
  if (NO_MEMORY.test(words) || error instanceof RangeError) {
    return new ImpastoError("out-of-memory", `There is not enough memory to open ${name}.`, {
      hint: "Close other programs, or make the picture smaller.",
      cause: error,
    });
  }
  if (TOO_SLOW.test(words)) {
    return new ImpastoError("bad-picture", `${name} takes too long to decode.`, {
      hint: "Open it in an image editor and export it again as PNG or JPEG.",
      cause: error,
    });
  }
  const foreign = NOT_BUILT_IN.exec(words);
  if (foreign !== null) {
    const kind = foreign[1] ?? foreign[2];
    return new ImpastoError(
      "unsupported-picture",
      `${name} is compressed in a way that is not read${kind === undefined ? "" : ` (${kind})`}.`,
      { hint: "Save it again with LZW or ZIP compression, or with none.", cause: error },
    );
  }
  if (NOT_DONE.test(words)) {
    return new ImpastoError("unsupported-picture", `${name} is stored in a way that is not read.`, {
      hint: "Open it in an image editor and export it as PNG, or with 8 or 16 bits a channel.",
      cause: error,
    });
  }
  return badPicture(name, "it is damaged or incomplete", error);
}
