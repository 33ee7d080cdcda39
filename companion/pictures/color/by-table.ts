// Colors by the tables of a profile: lcms, which libvips calls on 8-bit pictures with a profile.

import { sharp } from "../codec.ts";
import { embedPngProfile } from "../png-chunks.ts";
import { type Samples, takeSamples } from "../samples.ts";

/** Of 16 bits a channel 8 are kept: libvips would take deeper ones through P3, which cuts colors off. */
export async function convertByTable(samples: Samples, profile: Uint8Array): Promise<Samples> {
  const { width, height, channels, data } = samples;
  const eight = data instanceof Uint8Array ? data : Uint8Array.from(data, (value) => Math.round(value / 257));
  const plain = await sharp(eight, { raw: { width, height, channels } }).png({ compressionLevel: 0 }).toBuffer();
  return await takeSamples(sharp(embedPngProfile(plain, "profile", profile)), 8);
}
