// A tenth of the malformed pictures; the slow suite decodes them all.

import sharp from "sharp";
import { expect, test } from "vitest";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { makeCorpus } from "./corpus.ts";
import { decodeMany } from "./decode-many.ts";

const REFUSED = "refused";

function asRefusal(error: unknown): typeof REFUSED {
  expect(error).toBeInstanceOf(ImpastoError);
  return REFUSED;
}

test("500 malformed pictures end in a fine picture or a typed error", async () => {
  const tally = await decodeMany(500, 1);
  console.log("500 malformed pictures:", JSON.stringify(tally));
  expect(tally.fine + Object.values(tally.refused).reduce((sum, count) => sum + count, 0)).toBe(500);
});

test("every picture of the corpus decodes while it is whole", async () => {
  for (const [name, bytes] of await makeCorpus()) {
    const { picture } = await decodePicture(bytes, name, { maxSide: 64 });
    expect(Math.max(picture.width, picture.height), name).toBe(name === "photo.heic" ? 64 : 40);
  }
});

test("a picture cut off before half of it is refused, or coarse where that comes first, at every 29th byte", async () => {
  for (const [name, bytes] of await makeCorpus()) {
    // Each takes a thread; kinds.test.ts cuts this one in fewer places.
    if (name === "photo.heic") continue;
    for (let end = 0; end < bytes.length / 2; end += 29) {
      const outcome = await decodePicture(bytes.subarray(0, end), name).then(({ notes }) => notes, asRefusal);
      const isCoarse = name === "progressive.jpg" && end > bytes.length / 3;
      const coarse = isCoarse && outcome !== REFUSED ? ["ends early: its finest details are missing"] : REFUSED;
      expect(outcome, `${name} cut at ${end} of ${bytes.length}`).toEqual(coarse);
    }
  }
});

test("a picture at the limit shrinks while it loads, without its 200 MB of pixels", async () => {
  const side = 8192;
  const create = { width: side, height: side, channels: 3 as const, background: "gray" };
  const bomb = await sharp({ create }).png({ compressionLevel: 9 }).toBuffer();
  expect(bomb.length).toBeLessThan(1e6);
  const before = process.memoryUsage().rss;
  const { picture } = await decodePicture(bomb, "bomb.png", { maxSide: 512 });
  expect([picture.width, picture.height]).toEqual([512, 512]);
  expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
});

test("a side beyond the limit is refused by the header in every format", async () => {
  for (const format of ["png", "jpeg", "webp", "tiff"] as const) {
    const height = format === "webp" ? 16_383 : 16_385;
    const create = { width: 1, height, channels: 3 as const, background: "gray" };
    const attempt = decodePicture(await sharp({ create }).toFormat(format).toBuffer(), format);
    // WebP itself ends one pixel before our limit.
    if (format === "webp") await expect(attempt).resolves.toMatchObject({ sourceHeight: height });
    else await expect(attempt, format).rejects.toMatchObject({ code: "picture-too-large" });
  }
});
