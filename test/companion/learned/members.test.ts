// Several learned styles in one file: what each has of its own folds into the shared filters as the engine folds it, one is
// added with the others as they were, and each is taken by its share.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import {
  learnedFile,
  startFromGeneral,
  startFromLearned,
  styleAlone,
  stylesIn,
} from "../../../companion/learned/add-members.ts";
import {
  convolutionsOf,
  type DetailerFile,
  readDetailer,
  writeDetailer,
} from "../../../companion/learned/filter-tensors.ts";
import { BANK, detailerOf, membersIn, type SharedKind, startOf } from "../../../companion/learned/members.ts";
import { putLearned, takeLearned } from "../../../companion/learned/style-file.ts";
import { decodePicture } from "../../../companion/pictures/decode.ts";
import { encodePicture } from "../../../companion/pictures/encode.ts";
import { readPictures } from "../../../companion/pictures/read-pictures.ts";
import { DEFAULT_SETTINGS } from "../../../companion/protocol/settings.ts";
import { loadAddon } from "../../../native/binding/load.ts";
import { makeDetailer } from "../../native/support/detailer.ts";
import { randomPicture } from "../../native/support/objective.ts";
import { NETWORK } from "../../native/support/run.ts";
import { createRandom } from "../networks/synthetic.ts";

const KINDS: readonly SharedKind[] = ["cin", "stylebank"];
const folder = mkdtempSync(join(tmpdir(), "impasto-members-"));
afterAll(() => rmSync(folder, { recursive: true }));
const GENERAL = writeDetailer(makeDetailer());
const SHARED: DetailerFile = readDetailer(GENERAL);
const [night, scream, sea] = (await Promise.all(
  [1, 2, 3].map(async (seed) => encodePicture(randomPicture(60 + seed, 48, seed), "jpeg")),
)) as [Uint8Array, Uint8Array, Uint8Array];

/** Other than where learning starts, in a way of its own. */
function someOwn(kind: SharedKind, seed: number): Float32Array {
  const random = createRandom(seed);
  return startOf(kind, SHARED).map((value) => value + (random() - 0.5) / 4);
}

function fileOfTwo(kind: SharedKind): Uint8Array {
  return learnedFile(startFromGeneral(GENERAL, 2, kind), GENERAL, [
    { name: "night", jpeg: night, own: someOwn(kind, 1) },
    { name: "scream", jpeg: scream, own: someOwn(kind, 2) },
  ]);
}

const detailerIn = (file: Uint8Array) => takeLearned(file)?.detailer as Uint8Array;

test.each(KINDS)("what a style has of its own paints as the engine learned it: %s", async (kind) => {
  const path = join(folder, `${kind}.safetensors`);
  const study = async (own: "filters" | SharedKind, values: Float32Array | null) => {
    const pictures = {
      style: randomPicture(64, 64, 3),
      content: randomPicture(160, 160, 1),
      draft: randomPicture(80, 80, 2),
    };
    const bank = convolutionsOf(SHARED.metadata.plan).indexOf(BANK);
    const files = { networkPath: NETWORK, detailerPath: path };
    return await loadAddon().studyLesson({ ...files, ...pictures, own, bank, values, seed: 1, threads: 2 });
  };
  writeFileSync(path, GENERAL);
  const { values } = await study(kind, null);
  const own = values.subarray(values.length - startOf(kind, SHARED).length);
  expect(own).toEqual(startOf(kind, SHARED));
  own.set(someOwn(kind, 3));
  const learned = await study(kind, values);
  writeFileSync(path, detailerOf(SHARED, { own: kind, list: [] }, { own }));
  const folded = await study("filters", null);
  // The file has its filters in halves: 1e-3 of what they paint, over nine layers.
  const off = learned.picture.data.map((value, i) => Math.abs(value - (folded.picture.data[i] as number)));
  expect(Math.max(...off)).toBeLessThan(0.01);
  expect(folded.loss / learned.loss).toBeCloseTo(1, 2);
});

test.each(KINDS)("a style is added and those before stay as they were: %s", (kind) => {
  const before = fileOfTwo(kind);
  const start = startFromLearned({ name: "both", file: before }, GENERAL, 1, null);
  expect([start.own, start.bank]).toEqual([kind, 5]);
  const after = learnedFile(start, writeDetailer(start.shared), [{ name: "sea", jpeg: sea, own: someOwn(kind, 4) }]);
  expect(stylesIn(after)).toEqual([
    { name: "night", width: 61, height: 48 },
    { name: "scream", width: 62, height: 48 },
    { name: "sea", width: 63, height: 48 },
  ]);
  for (const number of [1, 2]) {
    expect(Buffer.compare(styleAlone(after, number), styleAlone(before, number))).toBe(0);
  }
  expect(Buffer.compare(detailerIn(styleAlone(after, 3)), detailerIn(styleAlone(after, 1)))).not.toBe(0);
  expect(() => styleAlone(after, 4)).toThrow(/no style 4/);
});

test("to a style that was learned alone another is added, and it paints as before", () => {
  const alone = putLearned(night, { detailer: GENERAL, others: [] });
  const start = startFromLearned({ name: "night", file: alone }, GENERAL, 1, null);
  const own = someOwn(start.own as SharedKind, 5);
  const after = learnedFile(start, writeDetailer(start.shared), [{ name: "scream", jpeg: scream, own }]);
  const { tensors } = readDetailer(detailerIn(styleAlone(after, 1)));
  for (const [name, { values }] of SHARED.tensors) expect(tensors.get(name)?.values).toEqual(values);
});

test("what does not go together is refused: filters of their own, another kind, too many, no learned style", () => {
  expect(() => startFromGeneral(GENERAL, 2, "filters")).toThrow(/share their filters/);
  expect(() => startFromGeneral(GENERAL, 9, null)).toThrow(/at most 8/);
  const both = { name: "both", file: fileOfTwo("cin") };
  expect(() => startFromLearned(both, GENERAL, 1, "stylebank")).toThrow(/learned with cin/);
  expect(() => startFromLearned(both, GENERAL, 7, null)).toThrow(/at most 8/);
  expect(() => startFromLearned({ name: "night", file: night }, GENERAL, 1, null)).toThrow(/no learned style/);
  const stranger = writeDetailer({ ...SHARED, metadata: { ...SHARED.metadata, encoder: "1".repeat(64) } });
  expect(() => startFromLearned(both, stranger, 1, null)).toThrow(/another version/);
});

test("a damaged list of styles is told", () => {
  const file = readDetailer(detailerIn(fileOfTwo("cin")));
  const note = file.metadata.styles as string;
  for (const plan of ["", "{}", '{"levels":[{"layer":"relu5_1","convolutions":1e9}]}']) {
    expect(() => membersIn({ ...file, metadata: { ...file.metadata, plan } })).toThrow(/damaged/);
  }
  for (const styles of ["{", "{}", note.replace("cin", "stylebank"), note.replace("cin", "filters")]) {
    expect(() => membersIn({ ...file, metadata: { ...file.metadata, styles } })).toThrow(/damaged/);
  }
});

test("the first is taken unless shares are given, which are kept among several styles of a request", async () => {
  const read = async (file: Uint8Array, styleMix: number[] | null) => {
    const styles = [
      { picture: file, weight: 1 },
      { picture: sea, weight: 3 },
    ];
    const settings = { ...DEFAULT_SETTINGS, styleMix };
    return await readPictures({ content: sea, styles, settings }, (bytes, maxSide) =>
      decodePicture(bytes, "a.jpg", { maxSide }),
    );
  };
  const both = fileOfTwo("cin");
  const seen = async (mix: number[] | null) => {
    const { request, learned = [] } = await read(both, mix);
    return request.styles.map(({ picture, weight }, i) => [picture.width, weight, learned[i]?.bytes === null]);
  };
  expect(await seen(null)).toEqual([
    [61, 1, false],
    [63, 3, true],
  ]);
  expect(await seen([0, 1])).toEqual([
    [62, 1, false],
    [63, 3, true],
  ]);
  expect(await seen([1, 3])).toEqual([
    [61, 0.25, false],
    [62, 0.75, false],
    [63, 3, true],
  ]);
  await expect(read(both, [1, 1, 1])).rejects.toMatchObject({ code: "bad-setting" });
  // Its second picture is cut out of the file.
  const { detailer } = takeLearned(both) ?? { detailer: GENERAL };
  const halved = putLearned(night, { detailer, others: [] });
  await expect(read(halved, [0, 1])).rejects.toMatchObject({ code: "bad-network" });
  await expect(read(both, [0, 0])).rejects.toMatchObject({ code: "bad-setting" });
  await expect(read(night, [0, 1])).rejects.toMatchObject({ code: "bad-setting" });
});
