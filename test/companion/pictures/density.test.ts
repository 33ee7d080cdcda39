// Pixels per inch: what the file says, in every format that says it, comes out of every format that is written; and
// nothing is claimed where nothing was said.

import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { encodePicture } from "../../../companion/pictures/encode.ts";
import { OUTPUT_FORMATS } from "../../../companion/protocol/picture-kinds.ts";
import { ramp } from "./fixtures.ts";

async function densityOf(bytes: Uint8Array): Promise<number | null> {
  return (await decodePicture(bytes, "file")).density;
}

describe("pixels per inch", () => {
  for (const format of OUTPUT_FORMATS) {
    for (const bitDepth of format === "png" || format === "tiff" ? ([8, 16] as const) : ([8] as const)) {
      test(`survive ${format} with ${bitDepth} bits`, async () => {
        for (const density of [300, 72, 118.11]) {
          const bytes = await encodePicture(ramp(40, 36), format, { bitDepth, density });
          expect(Math.abs(((await densityOf(bytes)) ?? 0) - density)).toBeLessThan(format === "jpeg" ? 0.5 : 0.02);
        }
      });

      test(`are not claimed by ${format} with ${bitDepth} bits where none are known`, async () => {
        const bytes = await encodePicture(ramp(40, 36), format, { bitDepth });
        expect(await densityOf(bytes)).toBeNull();
        if (format === "png") expect(Buffer.from(bytes).includes("pHYs")).toBe(false);
      });
    }
  }

  test("are read from what other programs write", async () => {
    const image = sharp({ create: { width: 40, height: 36, channels: 3, background: "gray" } });
    for (const format of ["png", "jpeg", "tiff", "webp"] as const) {
      const bytes = await image.clone().withMetadata({ density: 240 }).toFormat(format).toBuffer();
      expect(await densityOf(bytes), format).toBe(240);
    }
    expect(await densityOf(await image.clone().jpeg().toBuffer())).toBeNull();
    const centimeters = await image.clone().tiff({ xres: 10, yres: 10, resolutionUnit: "cm" }).toBuffer();
    expect(await densityOf(centimeters)).toBe(254);
  });
});
