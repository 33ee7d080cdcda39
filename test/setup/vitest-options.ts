// What both suites share. Tests start engines and browsers with threads of their own, so no more than two at once.

import { CountReporter } from "./count-reporter.ts";

export const SHARED_TEST_OPTIONS = {
  pool: "forks" as const,
  maxWorkers: 2,
  reporters: ["default", new CountReporter()],
};
