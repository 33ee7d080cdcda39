// `npm test`: the fast suite. The slow one has its own file.

import { defineConfig } from "vitest/config";
import { SHARED_TEST_OPTIONS } from "./test/setup/vitest-options.ts";

export default defineConfig({
  test: {
    ...SHARED_TEST_OPTIONS,
    include: ["test/**/*.test.{ts,tsx}"],
    exclude: ["test/**/*.slow.test.{ts,tsx}"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
