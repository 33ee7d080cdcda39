// More requests with masks that both engines paint alike.

import { test } from "vitest";
import type { StylizeRequest } from "../../../../companion/protocol/engine.ts";
import { alone, LEFT, MIDDLE, RIGHT, twoStyles } from "./region-requests.ts";
import { expectTwins, waves } from "./twin.ts";

const CASES: [string, StylizeRequest][] = [
  [
    "a style with a region beside one that goes everywhere",
    twoStyles(
      {},
      {
        styles: [
          { picture: waves(40, 44, 1.7), weight: 1, region: MIDDLE },
          { picture: waves(44, 36, 0.9), weight: 1 },
        ],
      },
    ),
  ],
  ["the style's colors as a start, by region", twoStyles({ init: "style-colors" })],
  [
    "a part of the style's picture, by features, in the content's colors",
    twoStyles({ styleLoss: "bn,mmd-gaussian", colors: "keep-histogram" }, alone({ source: MIDDLE, region: LEFT })),
  ],
  [
    "all of them, with colors kept",
    twoStyles({ colors: "keep" }, { ...alone({ source: RIGHT, region: LEFT }), protect: MIDDLE }),
  ],
];

test.each(CASES)("with %s both paint the same", (_, request) => expectTwins(request), 60_000);
