// Sums of losses as people type them.

import { expect, test } from "vitest";
import { ImpastoError } from "../../../companion/protocol/errors.ts";
import { DEFAULT_SETTINGS, parseSettings } from "../../../companion/protocol/settings.ts";
import { resolveSettings } from "../../../companion/protocol/sizing.ts";

const termsOf = (styleLoss: string) =>
  resolveSettings(parseSettings({ styleLoss }), { width: 64, height: 64 }).styleLoss;

test("one loss has the weight 1, and what a recipe has on record stays as it is", () => {
  expect(termsOf("w2")).toEqual([{ loss: "w2", weight: 1 }]);
  expect(parseSettings({ styleLoss: "w2" })).toEqual(DEFAULT_SETTINGS);
});

test("a sum has the weights that follow its losses", () => {
  expect(termsOf("w2, gram-normalized : 0.3,gram:2e1")).toEqual([
    { loss: "w2", weight: 1 },
    { loss: "gram-normalized", weight: 0.3 },
    { loss: "gram", weight: 20 },
  ]);
});

test.each<[unknown, RegExp]>([
  ["w3", /one of gram, gram-normalized, w2.*, or a sum of them such as .*, for styleLoss but received "w3"/],
  ["", /one of gram/],
  ["w2,", /one of gram/],
  ["w2:0", /a weight above 0 .* as in w2:0\.5, for styleLoss but received "w2:0"/],
  ["w2:-1", /a weight above 0/],
  ["w2:", /a weight above 0/],
  ["w2:x", /a weight above 0/],
  ["w2:1:2", /a weight above 0/],
  ["w2:Infinity", /a weight above 0/],
  ["w2,gram,w2:0.3", /each loss once, with its weight as in w2:0\.5, for styleLoss/],
  [["w2"], /one of gram/],
  ["w2".repeat(200), /one of gram/],
])("BAD CALL - %j says what to change", (styleLoss, message) => {
  const call = () => parseSettings({ styleLoss });
  expect(call).toThrow(ImpastoError);
  expect(call).toThrow(message);
});
