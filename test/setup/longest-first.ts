// The order of the fast suite's files: what takes a minute begins first, or it would be the last to end, alone.

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By project, because a worker is kept as long as the next file is of its own. */
const PROJECTS = ["editor", "node", "alone"];

/** Half a minute and more. */
const LONG = [
  "test/e2e/figma.test.ts",
  "test/ui/engines/panel.test.ts",
  "test/ui/panel/states.test.ts",
  "test/ui/engines/panel/settings-twin.test.ts",
  "test/ui/studio/studio.test.ts",
  "test/companion/cli/batch.test.ts",
  "test/companion/cli/usage.test.ts",
  "test/companion/cli/engine.test.ts",
  "test/companion/server/hostile-page.test.ts",
  "test/companion/supervisor/crashes.test.ts",
  "test/companion/jobs/kill.test.ts",
  "test/companion/jobs/native.alone.test.ts",
  "test/companion/pairing/pairing.alone.test.ts",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification) =>
      2 * PROJECTS.indexOf(project.name) + (LONG.some((name) => moduleId.endsWith(name)) ? 0 : 1);
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
