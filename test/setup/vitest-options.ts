// What both suites share. Tests start engines and browsers with threads of their own, so few at once; three, because
// many of them wait for a process most of the time.

import { CountReporter } from "./count-reporter.ts";

export const SHARED_TEST_OPTIONS = {
  pool: "forks" as const,
  maxWorkers: 3,
  reporters: ["default", new CountReporter()],
};
