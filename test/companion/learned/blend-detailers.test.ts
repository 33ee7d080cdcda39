// Learned styles together: what was learned of each counts by its weight.

import { expect, test } from "vitest";
import { blendDetailers, type DetailerShare } from "../../../companion/learned/blend-detailers.ts";
import { decodeTensor, encodeSafetensors, parseFile } from "../../../companion/networks/safetensors.ts";

const PLAN = { encoder: "a", plan: "{}" };
const file = (values: number[], metadata: Record<string, string> = PLAN) =>
  encodeSafetensors(
    new Map([["out.bias", { shape: [values.length], values: Float32Array.from(values) }]]),
    metadata,
    "fp16",
  );
const GENERAL = file([0, 1, 2]);

function valuesOf(bytes: Uint8Array): number[] {
  const { tensors, bodyOffset } = parseFile(bytes);
  const info = tensors.get("out.bias");
  if (info === undefined) throw new Error("no such tensor");
  return [...decodeTensor("out.bias", info, bytes.subarray(bodyOffset + info.begin, bodyOffset + info.end)).values];
}

test("two are averaged by their weights, and one that nobody learned counts as the general one", () => {
  const [one, other] = [file([4, 0, 0]), file([0, 8, 0])];
  expect(
    valuesOf(
      blendDetailers(
        [
          { bytes: one, weight: 3 },
          { bytes: other, weight: 1 },
        ],
        GENERAL,
      ),
    ),
  ).toEqual([3, 2, 0]);
  expect(
    valuesOf(
      blendDetailers(
        [
          { bytes: one, weight: 1 },
          { bytes: null, weight: 1 },
        ],
        GENERAL,
      ),
    ),
  ).toEqual([2, 0.5, 1]);
});

test("the only one that counts stays as it is, to the byte", () => {
  const one = file([4, 0, 0]);
  expect(blendDetailers([{ bytes: one, weight: 2 }], GENERAL)).toBe(one);
  expect(
    blendDetailers(
      [
        { bytes: null, weight: 0 },
        { bytes: one, weight: 1 },
      ],
      GENERAL,
    ),
  ).toBe(one);
  expect(
    blendDetailers(
      [
        { bytes: one, weight: 0 },
        { bytes: null, weight: 1 },
      ],
      GENERAL,
    ),
  ).toBe(GENERAL);
});

test("two that were learned from an earlier general one are averaged, and refused beside today's", () => {
  const earlier = { ...PLAN, plan: '{"version":0}' };
  const [one, other] = [file([4, 0], earlier), file([0, 8], earlier)].map((bytes) => ({ bytes, weight: 1 }));
  const both = blendDetailers([one as DetailerShare, other as DetailerShare], GENERAL);
  expect(valuesOf(both)).toEqual([2, 4]);
  expect(parseFile(both).metadata.plan).toBe(earlier.plan);
  expect(() => blendDetailers([one as DetailerShare, { bytes: null, weight: 1 }], GENERAL)).toThrow(
    /different versions/,
  );
});

test("those of other networks or other sizes are refused", () => {
  const own = { bytes: file([1, 2, 3]), weight: 1 };
  for (const stranger of [file([1, 2, 3], { ...PLAN, encoder: "b" }), file([1, 2])]) {
    expect(() => blendDetailers([own, { bytes: stranger, weight: 1 }], GENERAL)).toThrow(/different versions/);
  }
});
