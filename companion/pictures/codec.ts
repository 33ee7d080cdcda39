// sharp with only the loaders of what Impasto reads through it, so that no SVG, PDF or GIF reaches a parser.

import sharp from "sharp";

sharp.block({ operation: ["VipsForeignLoad"] });
sharp.unblock({
  operation: [
    "VipsForeignLoadPng",
    "VipsForeignLoadJpeg",
    "VipsForeignLoadWebp",
    "VipsForeignLoadHeif",
    "VipsForeignLoadTiff",
  ],
});
// A run's pictures are few and large: keeping decoded ones costs memory that the engine needs.
sharp.cache(false);

export { sharp };

/** libvips and its decoders, for doctor. */
export function codecVersions(): Record<string, string> {
  const { sharp: own, vips } = sharp.versions;
  return { sharp: own ?? "unknown", libvips: vips };
}
