// sharp with only the loaders of what Impasto reads through it, so that no SVG, PDF or GIF reaches a parser.
// It is opened when the first picture is: where its library is missing, everything else still works.

import { createRequire } from "node:module";
import type createSharp from "sharp";
import type { Sharp, SharpInput, SharpOptions } from "sharp";
import { ImpastoError } from "../protocol/errors.ts";

/** A decoder that takes longer than this is stopped. */
export const DECODE_TIMEOUT_SECONDS = 30;

let opened: typeof createSharp | undefined;

/** As sharp's own function. Throws ImpastoError("addon-missing"). */
export function sharp(input: SharpInput | SharpOptions, options?: SharpOptions): Sharp {
  return open()(input as SharpInput, options);
}

/** libvips and its decoders, for doctor. Throws ImpastoError("addon-missing"). */
export function codecVersions(): { sharp: string; libvips: string } {
  const { sharp: own, vips } = open().versions;
  return { sharp: own ?? "unknown", libvips: vips };
}

function open(): typeof createSharp {
  if (opened !== undefined) return opened;
  let codec: typeof createSharp;
  try {
    codec = createRequire(import.meta.url)("sharp") as typeof createSharp;
  } catch (cause) {
    throw new ImpastoError("addon-missing", "Pictures cannot be read or written: the package sharp does not open.", {
      hint: "Its library comes as an optional package: install Impasto again with those (npm: --include=optional).",
      cause,
    });
  }
  codec.block({ operation: ["VipsForeignLoad"] });
  codec.unblock({
    operation: [
      "VipsForeignLoadPng",
      "VipsForeignLoadJpeg",
      "VipsForeignLoadWebp",
      "VipsForeignLoadHeif",
      "VipsForeignLoadTiff",
    ],
  });
  // A run's pictures are few and large: keeping decoded ones costs memory that the engine needs.
  codec.cache(false);
  opened = codec;
  return codec;
}
