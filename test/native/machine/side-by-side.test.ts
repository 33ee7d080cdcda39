// Parts of a computation on threads, as side_by_side_checks.cc looks at them.

import { expect, test } from "vitest";
import { NO_COMPILER, runCpp } from "../support/cpp.ts";

test("each part is done once, also without threads; failures come out once, after all have ended; cancelling reaches all", (context) => {
  if (NO_COMPILER !== null) context.skip(NO_COMPILER);
  const sources = ["test/native/machine/side_by_side_checks.cc", "native/machine/side_by_side.cc"];
  expect(runCpp(sources)).toEqual({ status: 0, output: "" });
});
