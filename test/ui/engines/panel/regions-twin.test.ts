// Regions, parts of styles and protected parts in both engines: the same losses, the same picture, the same words.
// More of them: regions-twin.slow.test.ts.

import { expect, test } from "vitest";
import type { StylizeRequest } from "../../../../companion/protocol/engine.ts";
import { randomPicture } from "../../../native/support/objective.ts";
import { alone, gray, LEFT, MIDDLE, twoStyles } from "./region-requests.ts";
import { expectTwins, paintInPanel, paintNatively, waves } from "./twin.ts";

const CASES: [string, StylizeRequest][] = [
  ["two styles with overlapping regions", twoStyles({ styleLoss: "gram-normalized,w2:0.5" })],
  [
    "a style for some layers, beside one for the others",
    twoStyles(
      { styleLayers: ["relu1_1", "relu2_1"] },
      {
        styles: [
          { picture: waves(40, 44, 1.7), weight: 1 },
          { picture: waves(44, 36, 0.9), weight: 1, layers: ["relu1_1"], region: LEFT },
          { picture: waves(36, 44, 0.1), weight: 1, layers: ["relu2_1"] },
        ],
      },
    ),
  ],
  [
    "what is protected, seamless and with the content's edges",
    twoStyles({ seamless: "both", contentLoss: "features,laplacian" }, { ...alone(), protect: MIDDLE }),
  ],
];

test.each(CASES)("with %s both paint the same", (_, request) => expectTwins(request), 60_000);

test.each(["style", "keep"] as const)(
  "what is protected comes out as it was, to the bit, with colors %s, from noise and with alpha",
  async (colors) => {
    const content = randomPicture(46, 46, 1, 4);
    // As a JPEG keeps white and black.
    const protect = gray(46, 46, (x) => (x < 0.25 ? 0.99 : x < 0.375 ? 0.5 : 0.01));
    const request = twoStyles({ colors, init: "noise" }, { ...alone(), content, protect });
    const { picture } = (await paintInPanel(request)).result;
    let moved = 0;
    for (let i = 0; i < 3 * 46 * 46; i++) {
      const x = (i % 46) / 46;
      if (x < 0.25) expect(picture.data[i]).toBe(content.data[i]);
      if (x > 0.5 && picture.data[i] !== content.data[i]) moved++;
    }
    expect(moved).toBeGreaterThan(1000);
  },
  60_000,
);

test("a region that is too small for a deep layer falls back to the others and says so, as natively", async () => {
  const corner = gray(46, 46, (x, y) => (x < 0.1 && y < 0.1 ? 1 : 0));
  const request = twoStyles(
    { styleLayers: ["relu1_1", "relu3_1"], contentLayers: ["relu1_1"] },
    alone({ region: corner }),
  );
  await expectTwins(request);
  const [own, native] = [await paintInPanel(request), await paintNatively(request)];
  expect(own.result.notes?.[0]).toMatch(/too small for the style's larger shapes \(relu3_1\)/);
  expect(own.result.notes).toEqual(native.result.notes);
}, 60_000);

test.each<[string, Partial<StylizeRequest>, RegExp]>([
  [
    "everything protected",
    { ...alone(), protect: gray(8, 8, () => 1) },
    /Everything that can be seen of the content is/,
  ],
  [
    "a region of next to nothing",
    alone({ region: gray(64, 48, (x, y) => (x + y === 0 ? 1 : 0)) }),
    /too small to paint/,
  ],
  [
    "a source of next to nothing",
    alone({ source: gray(64, 64, (x, y) => (x + y === 0 ? 1 : 0)) }),
    /too small to paint/,
  ],
])("BAD CALL - %s is refused in the native engine's words", async (_, masks, message) => {
  const request = twoStyles({}, masks);
  const refusalOf = (painted: Promise<unknown>) =>
    painted.then(
      () => null,
      (error: unknown) => error as Error,
    );
  const [own, native] = [await refusalOf(paintInPanel(request)), await refusalOf(paintNatively(request))];
  expect(own?.message).toMatch(message);
  expect(own).toMatchObject({ code: "bad-request", message: native?.message });
});
