// A learned style's file: a JPEG for everyone, with a detailer for us.

import { expect, test } from "vitest";
import { pictureOf, putLearned, takeLearned } from "../../../companion/learned/style-file.ts";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { encodePicture } from "../../../companion/pictures/encode.ts";
import { randomPicture } from "../../native/support/objective.ts";

const jpeg = await encodePicture(randomPicture(64, 48, 1), "jpeg");
const putDetailer = (picture: Uint8Array, bytes: Uint8Array) => putLearned(picture, { detailer: bytes, others: [] });
const takeDetailer = (file: Uint8Array) => takeLearned(file)?.detailer ?? null;
/** Some parts, the last one short. */
const detailer = Uint8Array.from({ length: 150_001 }, (_, i) => (i * 7919) % 251);

test("what was put in comes out, and the picture is the same", async () => {
  const file = putDetailer(jpeg, detailer);
  expect(Buffer.compare(takeDetailer(file) as Uint8Array, detailer)).toBe(0);
  const [plain, learned] = [await decodePicture(jpeg, "a.jpg"), await decodePicture(file, "a.impasto-style")];
  expect(learned.picture).toEqual(plain.picture);
  expect(plain.learned).toBeUndefined();
  expect(Buffer.compare(learned.learned?.detailer as Uint8Array, detailer)).toBe(0);
  expect(Buffer.compare(pictureOf(file), jpeg)).toBe(0);
});

test("other files hold none", async () => {
  expect(takeDetailer(jpeg)).toBeNull();
  expect(takeDetailer(new Uint8Array(0))).toBeNull();
  expect(takeDetailer(await encodePicture(randomPicture(40, 40, 2), "png"))).toBeNull();
});

test("a part that is missing, twice there or out of order is told", () => {
  const file = Buffer.from(putDetailer(jpeg, detailer));
  const starts = [...file.toString("latin1").matchAll(/Impasto\0/g)].map(({ index }) => index - 4);
  expect(starts).toHaveLength(3);
  const [first = 0, second = 0, third = 0] = starts;
  const without = Buffer.concat([file.subarray(0, second), file.subarray(third)]);
  const twice = Buffer.concat([file.subarray(0, second), file.subarray(first)]);
  const onlyFirst = Buffer.concat([file.subarray(0, second), jpeg.subarray(2)]);
  for (const bad of [without, twice, onlyFirst]) {
    expect(() => takeDetailer(bad)).toThrow(/damaged/);
  }
});

test("cut anywhere, a file is no learned style, or a damaged one", () => {
  const file = putDetailer(jpeg, detailer);
  for (let length = 0; length < file.length; length += 9973) {
    let taken: Uint8Array | null = null;
    try {
      taken = takeDetailer(file.subarray(0, length));
    } catch (error) {
      expect(error).toMatchObject({ code: "bad-picture" });
    }
    if (taken !== null) expect(taken).toHaveLength(detailer.length);
  }
});
