// The samples, and one of them small enough to be painted by the way.

import { join, resolve } from "node:path";
import sharp from "sharp";

const SAMPLES = resolve(import.meta.dirname, "../../../companion/samples");
export const SAMPLE_STYLE = join(SAMPLES, "starry-night.jpg");

/** Path of a PNG of 96 × 72 px in the folder. */
export async function makeSmallPhoto(folder: string): Promise<string> {
  const photo = join(folder, "photo.png");
  await sharp(join(SAMPLES, "tubingen.jpg")).resize(96, 72).png().toFile(photo);
  return photo;
}
