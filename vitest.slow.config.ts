// `npm run test:slow`: full counts, soaks and kills, and pictures for people; minutes to hours.

import { defineConfig } from "vitest/config";
import { SHARED_TEST_OPTIONS } from "./test/setup/vitest-options.ts";

export default defineConfig({
  test: {
    ...SHARED_TEST_OPTIONS,
    env: { IMPASTO_PICTURES: "yes" },
    include: ["test/**/*.slow.test.{ts,tsx}"],
    testTimeout: 3_600_000,
    hookTimeout: 300_000,
  },
});
