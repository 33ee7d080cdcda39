// `npm test`: the fast suite. The slow one has its own file.

import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/setup/longest-first.ts";
import { SHARED_TEST_OPTIONS } from "./test/setup/vitest-options.ts";

/** They mock a module, or measure the process that they run in. */
const ALONE = "test/**/*.alone.test.ts";
const EDITOR = ["test/{e2e,plugin,ui}/**/*.test.{ts,tsx}"];
const LEFT_OUT = ["test/**/*.slow.test.{ts,tsx}", ALONE];

export default defineConfig({
  test: {
    ...SHARED_TEST_OPTIONS,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Files share their workers, so that each module is loaded once. The panel's and the plugin's tests draw SVG with
    // sharp, which the companion forbids in its process.
    projects: [
      { extends: true, test: { name: "alone", include: [ALONE] } },
      { extends: true, test: { name: "editor", include: EDITOR, exclude: LEFT_OUT, isolate: false } },
      {
        extends: true,
        test: { name: "node", include: ["test/**/*.test.ts"], exclude: [...LEFT_OUT, ...EDITOR], isolate: false },
      },
    ],
  },
});
