// Jobs without Node and ONNX Runtime, as job_checks.cc looks at them.

import { expect, test } from "vitest";
import { NO_COMPILER, runCpp } from "../support/cpp.ts";

test("jobs take turns and end once, whatever is asked of them meanwhile; an end by cancelling is told as one", (context) => {
  if (NO_COMPILER !== null) context.skip(NO_COMPILER);
  const sources = ["addon/job.cc", "addon/turn.cc", "machine/cgroups.cc", "machine/threads.cc"].map(
    (name) => `native/${name}`,
  );
  expect(runCpp(["test/native/addon/job_checks.cc", ...sources])).toEqual({ status: 0, output: "" });
});
