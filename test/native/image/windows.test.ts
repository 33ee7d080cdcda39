// Windows of large pictures, as windows_checks.cc looks at them.

import { expect, test } from "vitest";
import { NO_COMPILER, runCpp } from "../support/cpp.ts";

test("the insides of windows cover a picture of any sides once, halo away from borders that are not its own", (context) => {
  if (NO_COMPILER !== null) context.skip(NO_COMPILER);
  const sources = ["test/native/image/windows_checks.cc", "native/image/windows.cc"];
  expect(runCpp(sources, ["-O1"])).toEqual({ status: 0, output: "" });
});
