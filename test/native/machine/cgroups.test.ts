// What containers and services leave a process, as cgroup_checks.cc looks at it.

import { expect, test } from "vitest";
import { NO_COMPILER, runCpp } from "../support/cpp.ts";

test("the nearest limit of memory and of processors counts, its own or one above, of cgroup v1 and v2", (context) => {
  if (NO_COMPILER !== null) context.skip(NO_COMPILER);
  const sources = ["test/native/machine/cgroup_checks.cc", "native/machine/cgroups.cc"];
  expect(runCpp(sources)).toEqual({ status: 0, output: "" });
});
