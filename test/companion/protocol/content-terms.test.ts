import { expect, test } from "vitest";
import { contentTermsOf } from "../../../companion/protocol/content-terms.ts";

test("detail adds the edges to what holds the content, in proportion to the rest", () => {
  expect(contentTermsOf({ contentLoss: "features", detail: 0 })).toEqual([{ loss: "features", weight: 1 }]);
  expect(contentTermsOf({ contentLoss: "features", detail: 50 })).toEqual([
    { loss: "features", weight: 1 },
    { loss: "laplacian", weight: 2 },
  ]);
  expect(contentTermsOf({ contentLoss: "features:2,laplacian:2", detail: 25 })).toEqual([
    { loss: "features", weight: 2 },
    { loss: "laplacian", weight: 6 },
  ]);
});
